using System.Globalization;
using System.Runtime.InteropServices;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>
/// ONNX Runtime as it is on this machine. Safe for use by several threads; loaded once a path and never unloaded, because
/// ONNX Runtime keeps threads and global state.
/// </summary>
public sealed unsafe class OnnxRuntimeLibrary
{
    /// <summary>The oldest API this binding can use; 1.11 is the last release for the Jetson Nano.</summary>
    public const int OldestApiVersion = 11;

    /// <summary>The newest API this binding is tested with. A newer library is asked for this one, which it keeps.</summary>
    public const int NewestApiVersion = 29;

    private const string Remedy =
        "Run scripts/get-native.sh for a fitting one, or name another with HEARTSOUND_ONNXRUNTIME=/path/libonnxruntime.so.1.";

    // Errors are returned as statuses and thrown; ONNX Runtime's own log would repeat them on stderr. 4 = ORT_LOGGING_LEVEL_FATAL.
    private const int LoggingLevel = 4;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, OnnxRuntimeLibrary> Loaded = [];

    private OnnxRuntimeLibrary(string path, string version, int apiVersion, nint table)
    {
        Path = path;
        Version = version;
        ApiVersion = apiVersion;
        Api = new OrtApi(table);
        Environment = CreateEnvironment();
        Providers = ReadProviders();
    }

    /// <summary>The file that was loaded, or the bare soname when the system's loader found it.</summary>
    public string Path { get; }

    /// <summary>The release, such as <c>1.11.0</c>.</summary>
    public string Version { get; }

    /// <summary>The API version in use: the newest that both sides know.</summary>
    public int ApiVersion { get; }

    /// <summary>The providers this build lists, by ONNX Runtime's names. Listed does not mean that one can be loaded.</summary>
    public IReadOnlyList<string> Providers { get; }

    internal OrtApi Api { get; }

    internal OrtHandle Environment { get; }

    /// <summary>
    /// Loads the library at <paramref name="path"/> (a file, or a folder that holds <c>libonnxruntime.so.1</c>), or, when it is
    /// null, what HEARTSOUND_ONNXRUNTIME names, else the one beside the program, in <c>runtimes/linux-*/native</c> there,
    /// in <c>.native/onnxruntime/default</c> of a folder above the program, or the system's.
    /// </summary>
    /// <exception cref="OnnxRuntimeException">The library is missing, for another processor, damaged, too old, or another library.</exception>
    public static OnnxRuntimeLibrary Load(string? path = null)
    {
        var found = OnnxRuntimeLocator.Locate(
            path, System.Environment.GetEnvironmentVariable(OnnxRuntimeLocator.EnvironmentVariable), AppContext.BaseDirectory);
        lock (Gate)
        {
            if (!Loaded.TryGetValue(found, out var library))
            {
                library = Open(found);
                Loaded.Add(found, library);
            }

            return library;
        }
    }

    /// <summary>Why <paramref name="provider"/> is not here at all: this build does not have it, or its part of the library does not lie beside it. Null when it is, which does
    /// not mean that it works.</summary>
    public string? WhyNot(OnnxProvider provider)
    {
        var (name, part) = provider switch
        {
            OnnxProvider.TensorRt => ("TensorrtExecutionProvider", "libonnxruntime_providers_tensorrt.so"),
            OnnxProvider.Cuda => ("CUDAExecutionProvider", "libonnxruntime_providers_cuda.so"),
            _ => ("CPUExecutionProvider", null),
        };
        if (!Providers.Contains(name)) return $"ONNX Runtime {Version} of {Path} is built without it";
        return part is null || System.IO.Path.GetDirectoryName(Path) is not { Length: > 0 } folder || File.Exists(System.IO.Path.Combine(folder, part)) ? null : $"{part} does not lie in {folder}";
    }

    private static OnnxRuntimeLibrary Open(string path)
    {
        OrtTelemetry.TurnOff();
        var handle = OpenSharedObject(path);
        if (!NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out var getApiBase))
            throw new OnnxRuntimeException($"{path} is a library, but not ONNX Runtime (it has no OrtGetApiBase). {Remedy}");

        // struct OrtApiBase { GetApi; GetVersionString }
        var apiBase = (void**)((delegate* unmanaged[Cdecl]<nint>)getApiBase)();
        var version = Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)apiBase[1])()) ?? "";
        var apiVersion = ChooseApiVersion(path, version);
        var table = ((delegate* unmanaged[Cdecl]<uint, nint>)apiBase[0])((uint)apiVersion);
        if (table == 0)
            throw new OnnxRuntimeException($"{path} says that it is ONNX Runtime {version}, but has no API {apiVersion}; the file is not what it says. {Remedy}");
        return new OnnxRuntimeLibrary(path, version, apiVersion, table);
    }

    /// <summary>The newest API that a library of <paramref name="version"/> and this binding both know: release 1.x has the APIs 1 to x.</summary>
    /// <exception cref="OnnxRuntimeException">The release is too old, or none that is known.</exception>
    internal static int ChooseApiVersion(string path, string version)
    {
        var parts = version.Split('.');
        if (parts.Length < 2 || parts[0] != "1" || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
            throw new OnnxRuntimeException($"{path} is ONNX Runtime '{version}', and this program needs a release 1.{OldestApiVersion} or later of 1.x. {Remedy}");
        if (minor < OldestApiVersion)
            throw new OnnxRuntimeException($"{path} is ONNX Runtime {version}, which is too old: this program needs 1.{OldestApiVersion} or later. {Remedy}");
        return Math.Min(minor, NewestApiVersion);
    }

    private static nint OpenSharedObject(string path)
    {
        try
        {
            if (System.IO.Path.IsPathRooted(path) && SharedObject.FindFault(path, RuntimeInformation.ProcessArchitecture) is { } fault)
                throw new OnnxRuntimeException($"ONNX Runtime's library {path} {fault}. {Remedy}");
            return NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new OnnxRuntimeException(
                System.IO.Path.IsPathRooted(path)
                    ? $"ONNX Runtime's library {path} cannot be loaded: {exception.Message.Trim()}. {Remedy}"
                    : $"ONNX Runtime ({path}) was not found: neither beside the program, nor in .native/onnxruntime/default of a folder above it, nor by the system's loader. {Remedy}",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OnnxRuntimeException($"ONNX Runtime's library {path} cannot be read: {exception.Message} {Remedy}", exception);
        }
    }

    private OrtHandle CreateEnvironment()
    {
        nint environment;
        fixed (byte* name = "heartsound"u8)
            OrtFault.Check(Api, Api.CreateEnv(LoggingLevel, name, &environment), $"Starting ONNX Runtime {Version} of {Path}");
        return new OrtHandle(environment, Api.ReleaseEnv);
    }

    private string[] ReadProviders()
    {
        byte** names;
        int count;
        OrtFault.Check(Api, Api.GetAvailableProviders(&names, &count), "Listing providers");
        var providers = new string[count];
        for (var i = 0; i < count; i++)
            providers[i] = Marshal.PtrToStringUTF8((nint)names[i]) ?? "";
        OrtFault.Check(Api, Api.ReleaseAvailableProviders(names, count), "Listing providers");
        return providers;
    }
}
