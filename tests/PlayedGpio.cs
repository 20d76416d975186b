using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using HeartSound.Native.Gpiod;

namespace HeartSound.Tests;

/// <summary>A folder of GPIO chips that are played by stand-ins for libgpiod (fixtures/gpiod), which gcc makes here once a test run.</summary>
internal sealed class PlayedGpio : IDisposable
{
    private static readonly Lazy<string> Built = new(Build);

    public PlayedGpio() => RuntimeHelpers.RunClassConstructor(typeof(Loaded).TypeHandle);

    public string Folder { get; } = Directory.CreateTempSubdirectory("heartsound-gpio-").FullName;

    /// <summary>The folder with libgpiod.so.2 and libgpiod.so.3 that are played.</summary>
    public static string Libraries => Built.Value;

    /// <summary>The chips as one ABI sees them, 1 or 2.</summary>
    public GpioChips Chips(int abi) => new(Folder, [abi == 1 ? new Gpiod1() : new Gpiod2()]);

    /// <summary>As the program sees them: the newer ABI first.</summary>
    public GpioChips AllChips() => new(Folder, [new Gpiod2(), new Gpiod1()]);

    /// <summary>Makes or changes a chip. The file takes its place at once, as a reader must never see half of it.</summary>
    public void Chip(string name, params string[] lines)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllLines(Path.Combine(Folder, "new." + name), lines);
        File.Move(Path.Combine(Folder, "new." + name), path, overwrite: true);
    }

    public void Remove(string name) => File.Delete(Path.Combine(Folder, name));

    /// <summary>What was done to the chip's lines, without the times.</summary>
    public IReadOnlyList<string> Log(string name) => [.. TimedLog(name).Select(entry => entry.What)];

    public IReadOnlyList<(TimeSpan At, string What)> TimedLog(string name)
    {
        var path = Path.Combine(Folder, name + ".log");
        if (!File.Exists(path)) return [];
        return [.. File.ReadAllLines(path).Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2)
            .Select(parts => (TimeSpan.FromMicroseconds(double.Parse(parts[0], CultureInfo.InvariantCulture)), parts[1]))];
    }

    /// <summary>Drives an input that was asked for: '1' rises, '0' falls.</summary>
    public void Drive(string name, int line, string edges)
    {
        using var fifo = new FileStream(Path.Combine(Folder, $"{name}.in.{line}"), FileMode.Open, FileAccess.Write);
        foreach (var edge in edges) fifo.Write([(byte)edge, (byte)'\n']);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Build()
    {
        var folder = Directory.CreateTempSubdirectory("heartsound-libgpiod-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Compile("gpiod1.c", Path.Combine(folder, "libgpiod.so.2"));
        Compile("gpiod2.c", Path.Combine(folder, "libgpiod.so.3"));
        return folder;
    }

    private static void Compile(string source, string library)
    {
        using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-o", library, Path.Combine(Sources(), source)]) { RedirectStandardError = true })!;
        var said = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        if (gcc.ExitCode != 0) throw new InvalidOperationException($"gcc could not make {library}:\n{said}");
    }

    private static string Sources()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var sources = Path.Combine(folder.FullName, "tests", "HeartSound.Native.Tests", "fixtures", "gpiod");
            if (Directory.Exists(sources)) return sources;
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    /// <summary>Puts the stand-ins in the real libraries' place before the first call.</summary>
    private static class Loaded
    {
        static Loaded()
        {
            Native.Libraries.StandIns[Native.Libraries.Gpiod1] = Path.Combine(Built.Value, Native.Libraries.Gpiod1);
            Native.Libraries.StandIns[Native.Libraries.Gpiod2] = Path.Combine(Built.Value, Native.Libraries.Gpiod2);
        }
    }
}
