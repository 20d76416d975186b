namespace HeartSound.Native.Tests;

/// <summary>Where the tests find what lies in the repository.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static byte[] Model(string name) => File.ReadAllBytes(Fixture(name));

    public static string Fixture(string name) => Path.Combine(Root, "tests", "HeartSound.Native.Tests", "fixtures", name);

    /// <summary>The folder of one version of ONNX Runtime, as scripts/get-native.sh lays it down.</summary>
    public static string OnnxRuntime(string version, string architecture = "x64")
    {
        var folder = Path.Combine(Root, ".native", "onnxruntime", version, "linux-" + architecture);
        Assert.True(Directory.Exists(folder), $"{folder} is missing: run scripts/get-native.sh --all");
        return folder;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HeartSound.Edge.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
