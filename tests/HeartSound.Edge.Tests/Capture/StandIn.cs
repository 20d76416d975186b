using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace HeartSound.Edge.Tests.Capture;

/// <summary>
/// The stand-in for PortAudio (tests/standins/portaudio.c), compiled and loaded under its soname, so that this whole process gets it instead of the real
/// one. There is one microphone, so tests that use it do so one after the other: <c>[Collection(StandIn.Collection)]</c>.
/// </summary>
internal static class StandIn
{
    public const string Collection = "PortAudio";

    private static readonly string Script = Load();

    /// <summary>What the microphone does from now on, such as <c>zeros</c> or <c>sound card=8 rate=16000</c>.</summary>
    public static void Play(string line)
    {
        var next = Script + ".next";
        File.WriteAllText(next, line + "\n");
        File.Move(next, Script, overwrite: true);
    }

    private static string Load()
    {
        var folder = Directory.CreateTempSubdirectory("heartsound-standin-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var library = Path.Combine(folder, "libportaudio.so.2");
        using var gcc = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-Wl,-soname,libportaudio.so.2", "-o", library, Source()]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);

        var script = Path.Combine(folder, "script");
        var path = Encoding.UTF8.GetBytes(script + '\0');
        Marshal.Copy(path, 0, NativeLibrary.GetExport(NativeLibrary.Load(library), "standin_script"), path.Length);
        return script;
    }

    private static string Source()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var source = Path.Combine(folder.FullName, "tests/standins/portaudio.c");
            if (File.Exists(source)) return source;
        }

        throw new FileNotFoundException("tests/standins/portaudio.c");
    }
}
