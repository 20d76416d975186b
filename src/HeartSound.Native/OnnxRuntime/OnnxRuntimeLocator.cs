using System.Runtime.InteropServices;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>Finds ONNX Runtime's native library. The first place that is named or has it decides; a bad file there is an error, not a reason to look on.</summary>
internal static class OnnxRuntimeLocator
{
    public const string EnvironmentVariable = "HEARTSOUND_ONNXRUNTIME";

    /// <summary>The path to load, or the bare soname, which leaves the search to the system's loader.</summary>
    /// <param name="explicitPath">A file or a folder chosen by the caller; wins over everything.</param>
    /// <param name="variable">The value of <see cref="EnvironmentVariable"/>.</param>
    /// <param name="programDirectory">Where the program lies.</param>
    /// <exception cref="OnnxRuntimeException">A named file is not there.</exception>
    public static string Locate(string? explicitPath, string? variable, string programDirectory)
    {
        if (!string.IsNullOrEmpty(explicitPath))
            return Named(explicitPath, "was asked for");
        if (!string.IsNullOrEmpty(variable))
            return Named(variable, $"is what {EnvironmentVariable} names");
        return CandidatesBeside(programDirectory).FirstOrDefault(File.Exists) ?? Libraries.OnnxRuntime;
    }

    /// <summary>Where the library is looked for when nobody names it, in this order.</summary>
    public static IEnumerable<string> CandidatesBeside(string programDirectory)
    {
        var platform = "linux-" + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64");
        yield return Path.Combine(programDirectory, Libraries.OnnxRuntime);
        yield return Path.Combine(programDirectory, "runtimes", platform, "native", Libraries.OnnxRuntime);
        for (var folder = new DirectoryInfo(programDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, ".native", "onnxruntime", "default", platform, Libraries.OnnxRuntime);
    }

    private static string Named(string path, string how)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, Libraries.OnnxRuntime) : path;
        if (!File.Exists(file))
        {
            throw new OnnxRuntimeException(
                $"ONNX Runtime's library {file} {how}, but there is no such file, or this user may not look into its folder. Name an existing {Libraries.OnnxRuntime}, or run scripts/get-native.sh and name none.");
        }

        return Path.GetFullPath(file);
    }
}
