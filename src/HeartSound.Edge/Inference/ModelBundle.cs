using System.Security.Cryptography;
using HeartSound.Native.LibC;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference;

/// <summary>A model that is loaded and fits its manifest: the network, what it says about itself, and its goldens. Thread-safe; disposed by who loaded it,
/// after the classifiers made from it.</summary>
public sealed class ModelBundle : IDisposable
{
    /// <summary>Name of the network inside a model's folder.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>The model that is used when none is named.</summary>
    public const string DefaultModel = "physionet2016-cnn-small";

    private readonly OnnxModel _network;

    private ModelBundle(string path, string sha256, ModelManifest manifest, OnnxModel network, OnnxRuntimeLibrary library, IReadOnlyList<OnnxProvider> asked)
    {
        ProvidersAsked = asked;
        ModelPath = path;
        Sha256 = sha256;
        Manifest = manifest;
        _network = network;
        Library = library;
    }

    /// <summary>The ONNX file.</summary>
    public string ModelPath { get; }

    /// <summary>Where the goldens of the model lie, if it has any.</summary>
    public string GoldenPath => Path.Combine(Path.GetDirectoryName(ModelPath)!, GoldenFile.FileName);

    /// <summary>SHA-256 of the ONNX file, lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    public ModelManifest Manifest { get; }

    public OnnxRuntimeLibrary Library { get; }

    /// <summary>Providers that were asked for, in order.</summary>
    public IReadOnlyList<OnnxProvider> ProvidersAsked { get; }

    /// <summary>What really runs the network.</summary>
    public OnnxProvider Provider => _network.Provider;

    /// <summary>Why a provider that was asked for is not the one that runs; empty when the first one does.</summary>
    public IReadOnlyList<string> ProviderNotes => _network.ProviderNotes;

    /// <summary>Where a model is looked for: <paramref name="path"/> (a file, a folder, or the name of one in <see cref="ModelFolder"/>), else the same of
    /// <c>HEARTSOUND_MODEL</c>, else the default one.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public static string Locate(string? path)
    {
        path ??= Environment.GetEnvironmentVariable("HEARTSOUND_MODEL") is { Length: > 0 } fromEnvironment ? fromEnvironment : null;
        if (path is null)
        {
            return ModelFolder.Find(DefaultModel)
                ?? throw new ModelException($"No model was named, and the default one is not there ({ModelFolder.Places[0]}/{DefaultModel}/{ModelFile}, or above it). Name one with --model DIR, or with HEARTSOUND_MODEL.");
        }

        if (File.Exists(path)) return Path.GetFullPath(path);
        if (!Directory.Exists(path))
        {
            return ModelFolder.Find(path) ?? throw new ModelException(
                $"{path}: there is no such model. Name a folder that holds {ModelFile}, an .onnx file, or one that 'heartsound model list' shows.");
        }

        var file = Path.Combine(path, ModelFile);
        return File.Exists(file) ? Path.GetFullPath(file) : throw new ModelException($"{path}: the folder holds no {ModelFile}. Name a folder that does, or an .onnx file.");
    }

    /// <summary>Loads the model at <paramref name="path"/> (see <see cref="Locate"/>) and checks that network and manifest fit each other.</summary>
    /// <exception cref="ModelException">The model is missing, damaged, without a manifest, or asks for what this program cannot do.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime is missing, or refuses the network.</exception>
    public static ModelBundle Load(string? path, OnnxOptions options)
    {
        var file = Locate(path);
        OnnxRuntimeLibrary library;
        OnnxModel network;
        string sha256;
        using (var bytes = Read(file))
        {
            library = OnnxRuntimeLibrary.Load();
            network = OnnxModel.Load(library, bytes.Span, file, options);
            sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        }

        NativeHeap.GiveBack();
        try
        {
            var manifest = ModelManifest.Parse(network.Metadata.GetValueOrDefault(ModelManifest.MetadataKey), file);
            CheckShapes(file, manifest, network);
            return new ModelBundle(file, sha256, manifest, network, library, options.Providers);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>What the ONNX file <paramref name="file"/> says about itself, read without ONNX Runtime: whether the network fits it is not looked at.</summary>
    /// <exception cref="ModelException">The file cannot be read, or its manifest cannot.</exception>
    /// <exception cref="OnnxRuntimeException">It is no ONNX file, or is cut off.</exception>
    public static ModelManifest ReadManifest(string file)
    {
        using var bytes = Read(file);
        return ModelManifest.Parse(OnnxModel.ReadMetadata(bytes.Span, file, ModelManifest.MetadataKey), file);
    }

    /// <summary>A classifier for one thread.</summary>
    public IClassifier CreateClassifier() => new OnnxClassifier(_network);

    public void Dispose() => _network.Dispose();

    private static FileBytes Read(string file)
    {
        try
        {
            return FileBytes.Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{file}: the model cannot be read: {e.Message}", e);
        }
    }

    private static void CheckShapes(string file, ModelManifest manifest, OnnxModel network)
    {
        long[] input = [1, 1, manifest.FrontEnd.MelBands, manifest.FrontEnd.WindowFrames];
        long[] output = [1, manifest.Labels.Count];
        if (network.Inputs.Count == 1 && network.Outputs.Count == 1
            && network.Inputs[0].Shape.SequenceEqual(input) && network.Outputs[0].Shape.SequenceEqual(output)) return;

        static string Shapes(IEnumerable<OnnxTensorInfo> tensors) => string.Join(", ", tensors.Select(t => $"{t.Name} [{string.Join(", ", t.Shape)}]"));
        throw new ModelException($"{file}: network and manifest do not fit each other: the manifest means [{string.Join(", ", input)}] → [{string.Join(", ", output)}], the network has {Shapes(network.Inputs)} → {Shapes(network.Outputs)}. Export it again.");
    }
}
