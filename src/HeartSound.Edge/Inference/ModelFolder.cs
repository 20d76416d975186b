using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference;

/// <summary>
/// The models that lie at hand: folders in <c>models/</c> beside the program or above it. A set of models that was installed by itself goes before those that came with the program
/// (docs/updates.md): the folder that <see cref="Variable"/> names, or <c>models/</c> beside the <c>releases/</c> that the program lies in.
/// </summary>
public static class ModelFolder
{
    /// <summary>The environment variable that names a folder of models to look at first.</summary>
    public const string Variable = "HEARTSOUND_MODELS";

    private const string Name = "models";
    private const string Releases = "releases";

    /// <summary>Of a set that was installed by itself; null where none can be.</summary>
    private static readonly string? Installed = InstalledFor(AppContext.BaseDirectory, Environment.GetEnvironmentVariable(Variable));

    /// <summary>Of those that came with the program, the nearest first.</summary>
    private static readonly List<string> Nearby = Above(AppContext.BaseDirectory);

    /// <summary>Where models may lie, in the order in which they are looked for.</summary>
    public static IReadOnlyList<string> Places { get; } = Installed is null ? Nearby : [Installed, .. Nearby];

    /// <summary>The ONNX file of the model whose folder is called <paramref name="name"/>; null where none is.</summary>
    public static string? Find(string name) =>
        Path.GetFileName(name) != name ? null : Places.Select(place => Path.Combine(place, name, ModelBundle.ModelFile)).FirstOrDefault(File.Exists);

    /// <summary>Every folder in <paramref name="folder"/> that holds a model, in the order of their names; by default in those that were installed by
    /// themselves, and in the nearest of those that came with the program. Whether a model's network fits what it says about itself is not looked at.</summary>
    /// <exception cref="ModelException">There is no such folder, or it cannot be searched.</exception>
    public static IReadOnlyList<ListedModel> List(string? folder)
    {
        if (folder is not null) return [.. Files(folder).Select(Read)];
        var folders = new[] { Installed, Nearby.FirstOrDefault(Directory.Exists) }.OfType<string>().Where(Directory.Exists).ToList();
        if (folders.Count == 0) throw new ModelException($"There is no folder of models ({Nearby[0]}, or above it). Name one.");
        return [.. folders.SelectMany(Files).DistinctBy(f => Path.GetFileName(Path.GetDirectoryName(f))).OrderBy(f => Path.GetFileName(Path.GetDirectoryName(f)), StringComparer.Ordinal).Select(Read)];
    }

    /// <summary>Where a set of models that was installed by itself would lie.</summary>
    /// <param name="program">Folder of the program's assemblies.</param>
    /// <param name="named">By <see cref="Variable"/>; null where nobody did.</param>
    internal static string? InstalledFor(string program, string? named)
    {
        if (named is { Length: > 0 }) return Path.GetFullPath(named);
        for (var folder = new DirectoryInfo(program); folder.Parent is not null; folder = folder.Parent)
        {
            if (folder.Parent is { Name: Releases, Parent: { } device }) return Path.Combine(device.FullName, Name);
        }

        return null;
    }

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(f => Path.Combine(f, ModelBundle.ModelFile)).Where(File.Exists).ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{folder}: the folder of models cannot be searched: {e.Message}", e);
        }
    }

    private static ListedModel Read(string file)
    {
        try
        {
            return new ListedModel(file, ModelBundle.ReadManifest(file), null);
        }
        catch (Exception e) when (e is ModelException or OnnxRuntimeException)
        {
            return new ListedModel(file, null, e.Message);
        }
    }

    private static List<string> Above(string start)
    {
        var places = new List<string>();
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent) places.Add(Path.Combine(folder.FullName, Name));
        return places;
    }
}

/// <summary>A model of a folder of models.</summary>
/// <param name="Path">Its ONNX file.</param>
/// <param name="Manifest">Null when it cannot be read.</param>
/// <param name="Error">Why not.</param>
public sealed record ListedModel(string Path, ModelManifest? Manifest, string? Error)
{
    /// <summary>Name of its folder, by which <c>--model</c> finds it.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)!);
}
