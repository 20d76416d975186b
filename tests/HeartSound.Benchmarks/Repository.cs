using HeartSound.Edge.Inference;

namespace HeartSound.Benchmarks;

/// <summary>Where things lie.</summary>
internal static class Repository
{
    /// <summary>Debian's interpreter: its packages (torch, scipy) belong to it.</summary>
    public const string Python = "/usr/bin/python3";

    public static string Root { get; } = FindRoot();

    public static string Program
    {
        get
        {
            var program = Path.Combine(Root, "bin", "heartsound");
            return File.Exists(program) ? program : throw new BenchmarkException($"{program} is missing: run 'make build'.");
        }
    }

    public static string Script(string name) => Path.Combine(Root, "tests", "HeartSound.Benchmarks", name);

    /// <summary>The ONNX file that is measured: the other side of the comparison knows ResNet18.</summary>
    public static string Model()
    {
        try
        {
            return ModelBundle.Locate(Environment.GetEnvironmentVariable("HEARTSOUND_MODEL") is { Length: > 0 } named ? named : "physionet2016-resnet18");
        }
        catch (ModelException e)
        {
            throw new BenchmarkException(e.Message);
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "HeartSound.Edge.sln"))) return folder.FullName;
        throw new BenchmarkException("The benchmarks must be run from inside the repository.");
    }
}
