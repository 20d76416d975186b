using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;

namespace HeartSound.Native;

/// <summary>The native libraries by the names that the loader knows, and what to do when one is missing.</summary>
internal static class Libraries
{
    /// <summary>Loaded by <see cref="OnnxRuntime.OnnxRuntimeLibrary"/>, which looks in more places than the loader.</summary>
    public const string OnnxRuntime = "libonnxruntime.so.1";

    public const string Mosquitto = "libmosquitto.so.1";

    public const string SndFile = "libsndfile.so.1";

    public const string PortAudio = "libportaudio.so.2";

    /// <summary>What PortAudio reaches ALSA with; bound only to keep it quiet.</summary>
    public const string Asound = "libasound.so.2";

    /// <summary>What Debian's PortAudio reaches JACK with; bound only to keep it quiet, and it may be missing.</summary>
    public const string Jack = "libjack.so.0";

    /// <summary>libgpiod 1.1 to 1.6: the ABI that kernels before 5.10 need, JetPack 4's 4.9 among them.</summary>
    public const string Gpiod1 = "libgpiod.so.2";

    /// <summary>libgpiod 2: needs the kernel's GPIO interface of 5.10.</summary>
    public const string Gpiod2 = "libgpiod.so.3";

    /// <summary>Bound by the package SQLitePCLRaw; see <see cref="Sqlite.SqliteLibrary"/>.</summary>
    public const string Sqlite = "libsqlite3.so.0";

    /// <summary>NVIDIA's driver; comes with it, or with JetPack.</summary>
    public const string CudaDriver = "libcuda.so.1";

    /// <summary>CUDA's runtime, the newest first: 13 and 12, 11 (JetPack 5), 10.2 (JetPack 4).</summary>
    public static readonly IReadOnlyList<string> CudaRuntime = ["libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so.10.2"];

    /// <summary>TensorRT, the newest first: 10 (JetPack 6.1 and later), 8 (JetPack 4 to 6.0).</summary>
    public static readonly IReadOnlyList<string> TensorRt = ["libnvinfer.so.10", "libnvinfer.so.8"];

    /// <summary>The C library of every glibc system, which every process has. Its functions are looked up as those of the program are, so that LD_PRELOAD holds for them too.</summary>
    public const string C = "libc.so.6";

    /// <summary>Tests: files that are loaded in a library's stead, by its name.</summary>
    internal static ConcurrentDictionary<string, string> StandIns { get; } = new(StringComparer.Ordinal);

    static Libraries() => NativeLibrary.SetDllImportResolver(typeof(Libraries).Assembly, Resolve);

    /// <summary>Called by each binding before its first call, so that a missing library is explained. May be called again.</summary>
    public static void Register() =>
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(Libraries).TypeHandle);

    /// <summary>Loads <paramref name="name"/> as the loader would.</summary>
    /// <exception cref="NativeLibraryMissingException">It is not there, or cannot be loaded.</exception>
    internal static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name == C) return NativeLibrary.GetMainProgramHandle();
        try
        {
            return NativeLibrary.Load(StandIns.GetValueOrDefault(name, name), assembly, searchPath);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new NativeLibraryMissingException(name, PackageOf(name), exception);
        }
    }

    /// <summary>The first of <paramref name="names"/> that can be loaded; zero where none can, which is no error: the machine has it or not.</summary>
    internal static nint FindAny(params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(StandIns.GetValueOrDefault(name, name), out var library)) return library;
        }

        return 0;
    }

    private static string PackageOf(string name) => name switch
    {
        Mosquitto => "libmosquitto1",
        SndFile => "libsndfile1",
        Sqlite => "libsqlite3-0",
        PortAudio => "libportaudio2",
        Asound => "libasound2",
        Gpiod1 => "libgpiod2",
        Gpiod2 => "libgpiod3",
        _ => "that contains it",
    };
}
