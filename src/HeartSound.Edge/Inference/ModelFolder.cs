using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference;

/// <summary>The models that lie at hand: folders in <c>models/</c> beside the program or above it.</summary>
public static class ModelFolder
{
    private const string Name = "models";

    /// <summary>Where <c>models/</c> may lie, the nearest first.</summary>
    public static IReadOnlyList<string> Places { get; } = Above(AppContext.BaseDirectory);

    /// <summary>The ONNX file of the model whose folder is called <paramref name="name"/>; null where none is.</summary>
    public static string? Find(string name) =>
        Path.GetFileName(name) != name ? null : Places.Select(place => Path.Combine(place, name, ModelBundle.ModelFile)).FirstOrDefault(File.Exists);

    /// <summary>Every folder in <paramref name="folder"/> (by default the nearest that there is) that holds a model, in the order of their names. Whether a model's
    /// network fits what it says about itself is not looked at.</summary>
    /// <exception cref="ModelException">There is no such folder, or it cannot be searched.</exception>
    public static IReadOnlyList<ListedModel> List(string? folder)
    {
        folder ??= Places.FirstOrDefault(Directory.Exists) ?? throw new ModelException($"There is no folder of models ({Places[0]}, or above it). Name one.");
        try
        {
            return Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(f => Path.Combine(f, ModelBundle.ModelFile)).Where(File.Exists).Select(Read).ToList();
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
