using System.Runtime.InteropServices;
using System.Text;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>Makes a session with the first of the wanted providers that works, and says why the ones before it did not.</summary>
internal static unsafe class OnnxSessionFactory
{
    // Values of onnxruntime_c_api.h: GraphOptimizationLevel ORT_ENABLE_ALL, ExecutionMode ORT_SEQUENTIAL.
    private const int AllOptimisations = 99;
    private const int Sequential = 0;

    public static (OrtHandle Session, OnnxProvider Provider, IReadOnlyList<string> Notes) Create(
        OnnxRuntimeLibrary library, ReadOnlySpan<byte> bytes, string name, OnnxOptions options)
    {
        var api = library.Api;
        var notes = new List<string>();
        var wanted = options.Providers.ToList();
        while (wanted.Count > 0)
        {
            using var sessionOptions = CreateOptions(api, options);
            var provider = AppendUsable(library, sessionOptions, wanted, options, notes);
            if (provider is null)
                break;
            nint session;
            OrtFault? fault;
            fixed (byte* data = bytes)
            {
                fault = OrtFault.Take(api, api.CreateSessionFromArray(
                    library.Environment.Pointer, data, (nuint)bytes.Length, sessionOptions.Pointer, &session));
            }

            if (fault is null)
                return (new OrtHandle(session, api.ReleaseSession), provider.Value, notes);
            if (provider == OnnxProvider.Cpu)
                throw ModelFault.Describe(library, name, bytes, fault);
            notes.Add($"{provider}: cannot run {name}: {fault.Text}");
            wanted.Remove(provider.Value);
        }

        throw new OnnxRuntimeException(
            $"None of the providers asked for can run {name}. {string.Join(" ", notes)} Add Cpu to the providers, or install what the notes name.");
    }

    private static OrtHandle CreateOptions(OrtApi api, OnnxOptions options)
    {
        nint pointer;
        OrtFault.Check(api, api.CreateSessionOptions(&pointer), "Creating session options");
        var handle = new OrtHandle(pointer, api.ReleaseSessionOptions);
        try
        {
            OrtFault.Check(api, api.SetSessionGraphOptimizationLevel(pointer, AllOptimisations), "Setting the optimisation level");
            OrtFault.Check(api, api.SetSessionExecutionMode(pointer, Sequential), "Setting the execution mode");
            OrtFault.Check(api, api.EnableMemPattern(pointer), "Setting the memory pattern");
            OrtFault.Check(api, api.SetIntraOpNumThreads(pointer, options.IntraOpThreads), "Setting the number of threads");
            AddEntry(api, pointer, "session.intra_op.allow_spinning"u8, options.AllowSpinning ? "1"u8 : "0"u8);

            // Without this, bytes that happen to look like ONNX Runtime's own format are read as that.
            AddEntry(api, pointer, "session.load_model_format"u8, "ONNX"u8);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // UTF-8 literals end with a zero byte that their span does not count.
    private static void AddEntry(OrtApi api, nint options, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyPointer = key, valuePointer = value)
            OrtFault.Check(api, api.AddSessionConfigEntry(options, keyPointer, valuePointer), "Setting " + Encoding.UTF8.GetString(key));
    }

    /// <summary>Appends every wanted provider that can be loaded, drops the others from the list, and returns the first that stays.</summary>
    private static OnnxProvider? AppendUsable(OnnxRuntimeLibrary library, OrtHandle sessionOptions, List<OnnxProvider> wanted, OnnxOptions options, List<string> notes)
    {
        foreach (var provider in wanted.ToArray())
        {
            var fault = provider switch
            {
                OnnxProvider.Cpu => null,
                OnnxProvider.Cuda => AppendCuda(library.Api, sessionOptions.Pointer, options.Cuda),
                OnnxProvider.TensorRt => AppendTensorRt(library, sessionOptions.Pointer, options.TensorRt),
                _ => throw new ArgumentOutOfRangeException(nameof(wanted), provider, "Not a provider."),
            };
            if (fault is null)
                continue;
            notes.Add($"{provider}: cannot be loaded by ONNX Runtime {library.Version}: {fault.Text}{MissingPart(library, fault)}");
            wanted.Remove(provider);
        }

        return wanted.Count > 0 ? wanted[0] : null;
    }

    /// <summary>Newer releases do not say which file they cannot load. Providers are looked up in the folder of the library.</summary>
    private static string MissingPart(OnnxRuntimeLibrary library, OrtFault fault)
    {
        const string Shared = "libonnxruntime_providers_shared.so";
        var folder = Path.GetDirectoryName(library.Path);
        return fault.Text.Contains("Failed to load shared library", StringComparison.Ordinal)
            && !string.IsNullOrEmpty(folder)
            && !File.Exists(Path.Combine(folder, Shared))
            ? $" {Shared} is not in {folder}."
            : "";
    }

    private static OrtFault? AppendCuda(OrtApi api, nint sessionOptions, CudaOptions? options)
    {
        nint cuda;
        if (OrtFault.Take(api, api.CreateCUDAProviderOptions(&cuda)) is { } fault)
            return fault;
        using var handle = new OrtHandle(cuda, api.ReleaseCUDAProviderOptions);
        if (options is not null && Update(api, api.UpdateCUDAProviderOptions, cuda, options.Entries()) is { } refused)
            return refused;
        return OrtFault.Take(api, api.SessionOptionsAppendExecutionProvider_CUDA_V2(sessionOptions, cuda));
    }

    private static OrtFault? AppendTensorRt(OnnxRuntimeLibrary library, nint sessionOptions, TensorRtOptions? options)
    {
        var api = library.Api;
        nint tensorRt;
        if (OrtFault.Take(api, api.CreateTensorRTProviderOptions(&tensorRt)) is { } fault)
            return fault;
        using var handle = new OrtHandle(tensorRt, api.ReleaseTensorRTProviderOptions);
        if (options is not null && Update(api, api.UpdateTensorRTProviderOptions, tensorRt, TensorRtOptionSet.For(library.ApiVersion, options)) is { } refused)
            return refused;
        return OrtFault.Take(api, api.SessionOptionsAppendExecutionProvider_TensorRT_V2(sessionOptions, tensorRt));
    }

    /// <summary>Sends key and value pairs; ONNX Runtime copies them.</summary>
    private static OrtFault? Update(OrtApi api, delegate* unmanaged[Cdecl]<nint, byte**, byte**, nuint, nint> update, nint target, IReadOnlyList<KeyValuePair<string, string>> entries)
    {
        var texts = stackalloc byte*[2 * entries.Count];
        try
        {
            for (var i = 0; i < entries.Count; i++)
            {
                texts[i] = (byte*)Marshal.StringToCoTaskMemUTF8(entries[i].Key);
                texts[entries.Count + i] = (byte*)Marshal.StringToCoTaskMemUTF8(entries[i].Value);
            }

            return OrtFault.Take(api, update(target, texts, texts + entries.Count, (nuint)entries.Count));
        }
        finally
        {
            for (var i = 0; i < 2 * entries.Count; i++)
                Marshal.FreeCoTaskMem((nint)texts[i]);
        }
    }
}
