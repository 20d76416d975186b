using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Tests;

/// <summary>
/// An ONNX Runtime with TensorRT and CUDA, played by tests/standins/onnxruntime.c over a real one. gcc makes it once a test run; every instance is a library of its own, with its own
/// behaviour and count of runs.
/// </summary>
internal sealed class StandInOnnxRuntime : IDisposable
{
    private static readonly Lazy<string> Built = new(Build);
    private readonly string _folder = Directory.CreateTempSubdirectory("heartsound-onnxruntime-").FullName;

    /// <param name="real">The folder of the real library.</param>
    /// <param name="pretended">The release to pretend, not above the real one's minor number.</param>
    public StandInOnnxRuntime(string real, string? pretended = null)
    {
        Play(pretended is null ? [] : [$"VERSION={pretended}"]);
        var path = System.IO.Path.Combine(_folder, "libonnxruntime.so.1");
        File.Copy(Built.Value, path);
        var handle = NativeLibrary.Load(path);
        Write(handle, "standin_real", real);
        Write(handle, "standin_file", Settings);
        Library = OnnxRuntimeLibrary.Load(path);
    }

    public OnnxRuntimeLibrary Library { get; }

    /// <summary>What was asked of it: options, engines built and loaded, sessions.</summary>
    public IReadOnlyList<string> Log => File.Exists(LogPath) ? File.ReadAllLines(LogPath) : [];

    private string Settings => System.IO.Path.Combine(_folder, "settings");

    private string LogPath => System.IO.Path.Combine(_folder, "log");

    /// <summary>What it does from now on: <c>TENSORRT=wrong</c>, <c>BUILD_SECONDS=0.5</c>; everything not named is as it is by default.</summary>
    public void Play(params string[] settings)
    {
        File.WriteAllLines(Settings + ".next", [.. settings, $"LOG={LogPath}"]);
        File.Move(Settings + ".next", Settings, overwrite: true);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Write(nint library, string symbol, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value + '\0');
        Marshal.Copy(bytes, 0, NativeLibrary.GetExport(library, symbol), bytes.Length);
    }

    private static string Build()
    {
        var folder = Directory.CreateTempSubdirectory("heartsound-standin-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var library = System.IO.Path.Combine(folder, "libonnxruntime.so.1");
        using var gcc = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, Source("onnxruntime.c"), "-ldl", "-lpthread"]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
        return library;
    }

    /// <summary>The source of a stand-in.</summary>
    internal static string Source(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var source = System.IO.Path.Combine(folder.FullName, "tests/standins", name);
            if (File.Exists(source)) return source;
        }

        throw new FileNotFoundException("tests/standins/" + name);
    }
}
