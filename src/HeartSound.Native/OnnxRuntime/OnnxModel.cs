namespace HeartSound.Native.OnnxRuntime;

/// <summary>
/// A model that is loaded and ready: one float32 input and one float32 output of fixed shape. Safe for use by several
/// threads; each thread makes its own <see cref="OnnxRun"/>. The caller disposes it; runs that are still alive keep working.
/// </summary>
public sealed unsafe class OnnxModel : IDisposable
{
    // 64 Mi float32 = 256 MiB; a front end's window is 20 thousand. A larger one is a damaged shape.
    private const long MaxElements = 64L << 20;

    private readonly OrtHandle _session;

    private OnnxModel(OnnxRuntimeLibrary library, string name, OrtHandle session, OnnxProvider provider, IReadOnlyList<string> notes)
    {
        Library = library;
        Name = name;
        _session = session;
        Provider = provider;
        ProviderNotes = notes;
        Metadata = OnnxSessionInfo.ReadMetadata(library.Api, session.Pointer);
        Inputs = OnnxSessionInfo.ReadInputs(library.Api, session.Pointer);
        Outputs = OnnxSessionInfo.ReadOutputs(library.Api, session.Pointer);
    }

    public OnnxRuntimeLibrary Library { get; }

    /// <summary>What the caller calls the model; errors name it.</summary>
    public string Name { get; }

    /// <summary>The model's <c>metadata_props</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    public IReadOnlyList<OnnxTensorInfo> Inputs { get; }

    public IReadOnlyList<OnnxTensorInfo> Outputs { get; }

    /// <summary>What really runs the model; nodes that it cannot run fall to the providers after it and to the CPU.</summary>
    public OnnxProvider Provider { get; }

    /// <summary>For every provider that was preferred and is not used, one sentence that says why.</summary>
    public IReadOnlyList<string> ProviderNotes { get; }

    /// <summary>Makes a model of the bytes of an ONNX file; the bytes are not needed afterwards.</summary>
    /// <param name="library">The ONNX Runtime to use.</param>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="options">How to run it; null means the defaults.</param>
    /// <exception cref="OnnxRuntimeException">The model is damaged, too new for this ONNX Runtime, has open shapes or other types than float32, or no provider can run it.</exception>
    public static OnnxModel Load(OnnxRuntimeLibrary library, ReadOnlySpan<byte> bytes, string name, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(library);
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new OnnxOptions();
        if (options.Providers.Count == 0)
            throw new ArgumentException("No provider is listed; the default is Cpu.", nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.IntraOpThreads);

        ModelFault.ThrowIfDamaged(name, bytes);
        var (session, provider, notes) = OnnxSessionFactory.Create(library, bytes, name, options);
        try
        {
            var model = new OnnxModel(library, name, session, provider, notes);
            RefuseUnlessSingleFloat(name, "input", model.Inputs);
            RefuseUnlessSingleFloat(name, "output", model.Outputs);
            return model;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>One entry of a model's metadata, read without ONNX Runtime; null where the model has none of that name.</summary>
    /// <exception cref="OnnxRuntimeException">The file is no ONNX model, or is cut off.</exception>
    public static string? ReadMetadata(ReadOnlySpan<byte> bytes, string name, string key)
    {
        ModelFault.ThrowIfDamaged(name, bytes);
        return OnnxEnvelope.Metadata(bytes, key);
    }

    /// <summary>Makes the tensors for one thread; the caller disposes them.</summary>
    public OnnxRun CreateRun() => new(Library, Name, _session, Inputs[0], Outputs[0]);

    public void Dispose() => _session.Dispose();

    private static void RefuseUnlessSingleFloat(string name, string role, IReadOnlyList<OnnxTensorInfo> tensors)
    {
        if (tensors.Count != 1)
            throw new OnnxRuntimeException($"The model {name} has {tensors.Count} {role}s ({string.Join("; ", tensors)}), and exactly one is needed. Export it again with one.");
        var tensor = tensors[0];
        if (tensor.ElementType != OnnxElementType.Float32)
            throw new OnnxRuntimeException($"The model {name} has the {role} {tensor}, and only Float32 can be used. Export it with float32 {role}s (weights may be float16).");
        if (tensor.Shape.Any(size => size < 0))
            throw new OnnxRuntimeException($"The model {name} has the {role} {tensor}, whose shape is open. Export it with a fixed shape and batch 1.");
        long elements = 1;
        foreach (var size in tensor.Shape)
        {
            elements = size > MaxElements ? MaxElements + 1 : Math.Min(elements * size, MaxElements + 1);
            if (elements is 0 or > MaxElements)
                throw new OnnxRuntimeException($"The model {name} has the {role} {tensor}, which is {(elements == 0 ? "empty" : "larger than 256 MiB")}; the file is damaged or not a model for this program.");
        }
    }
}
