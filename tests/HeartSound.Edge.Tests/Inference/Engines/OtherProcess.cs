using System.Diagnostics;
using HeartSound.Edge.Inference.Engines;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Inference.Engines;

/// <summary>Another process that uses a cache: this very assembly, started with "begin" or "seal" and the folder. It does its part up to the line "ready", waits for one, and does the rest.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly Process _process;

    private OtherProcess(Process process) => _process = process;

    /// <param name="what">"probe" to look whether the folder can be used; "seal" to begin a draft, write half of an engine, wait, write the rest and seal it.</param>
    /// <param name="folder">Of the cache.</param>
    /// <param name="environment">On top of this process's own.</param>
    public static OtherProcess Start(string what, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(OtherProcess).Assembly.Location, what, folder]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var child = new OtherProcess(Process.Start(start)!);
        Assert.Equal("ready", child._process.StandardOutput.ReadLine());
        return child;
    }

    public static int Main(string[] arguments)
    {
        Console.WriteLine("ready");
        try
        {
            var cache = new EngineCache(arguments[1], TimeProvider.System, NullLogger<EngineCache>.Instance);
            if (arguments[0] == "probe")
            {
                Console.ReadLine();
                cache.Probe();
            }
            else
            {
                using var draft = cache.Begin(Some.Key);
                File.WriteAllBytes(Path.Combine(draft.Folder, "some.engine"), new byte[5000]);
                Console.WriteLine(draft.Folder);
                Console.ReadLine();
                draft.Seal(TimeSpan.FromSeconds(7)).Dispose();
            }

            Console.WriteLine("done");
        }
        catch (EngineCacheException e)
        {
            Console.WriteLine(e.Message);
        }

        return 0;
    }

    public string ReadLine() => _process.StandardOutput.ReadLine() ?? "";

    /// <summary>Lets it go on, and gives what it says then.</summary>
    public string GoOn()
    {
        _process.StandardInput.WriteLine();
        var said = ReadLine();
        _process.WaitForExit();
        return said;
    }

    /// <summary>SIGKILL, like a power cut.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
