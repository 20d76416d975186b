using System.Text;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>Makes a session with the first of the wanted providers that works, and says why the ones before it did not.</summary>
internal static unsafe class OnnxSessionFactory
{
    // Values of onnxruntime_c_api.h: GraphOptimizationLevel ORT_ENABLE_ALL, ExecutionMode ORT_SEQUENTIAL.
    private const int AllOptimisations = 99;
    private const int Sequential = 0;

    public static (OrtHandle Session, OnnxProvider Provider, IReadOnlyList<string> Notes) Create(
        OnnxRuntimeLibrary library, ReadOnlySpan<byte> bytes, string name, OnnxOptions options)
    {
        var api = library.Api;
        var notes = new List<string>();
        var wanted = options.Providers.ToList();
        while (wanted.Count > 0)
        {
            using var sessionOptions = CreateOptions(api, options);
            var provider = AppendUsable(library, sessionOptions, wanted, notes);
            if (provider is null)
                break;
            nint session;
            OrtFault? fault;
            fixed (byte* data = bytes)
            {
                fault = OrtFault.Take(api, api.CreateSessionFromArray(
                    library.Environment.Pointer, data, (nuint)bytes.Length, sessionOptions.Pointer, &session));
            }

            if (fault is null)
                return (new OrtHandle(session, api.ReleaseSession), provider.Value, notes);
            if (provider == OnnxProvider.Cpu)
                throw ModelFault.Describe(library, name, bytes, fault);
            notes.Add($"{provider}: cannot run {name}: {fault.Text}");
            wanted.Remove(provider.Value);
        }

        throw new OnnxRuntimeException(
            $"None of the providers asked for can run {name}. {string.Join(" ", notes)} Add Cpu to the providers, or install what the notes name.");
    }

    private static OrtHandle CreateOptions(OrtApi api, OnnxOptions options)
    {
        nint pointer;
        OrtFault.Check(api, api.CreateSessionOptions(&pointer), "Creating session options");
        var handle = new OrtHandle(pointer, api.ReleaseSessionOptions);
        try
        {
            OrtFault.Check(api, api.SetSessionGraphOptimizationLevel(pointer, AllOptimisations), "Setting the optimisation level");
            OrtFault.Check(api, api.SetSessionExecutionMode(pointer, Sequential), "Setting the execution mode");
            OrtFault.Check(api, api.EnableMemPattern(pointer), "Setting the memory pattern");
            OrtFault.Check(api, api.SetIntraOpNumThreads(pointer, options.IntraOpThreads), "Setting the number of threads");
            AddEntry(api, pointer, "session.intra_op.allow_spinning"u8, options.AllowSpinning ? "1"u8 : "0"u8);

            // Without this, bytes that happen to look like ONNX Runtime's own format are read as that.
            AddEntry(api, pointer, "session.load_model_format"u8, "ONNX"u8);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // UTF-8 literals end with a zero byte that their span does not count.
    private static void AddEntry(OrtApi api, nint options, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyPointer = key, valuePointer = value)
            OrtFault.Check(api, api.AddSessionConfigEntry(options, keyPointer, valuePointer), "Setting " + Encoding.UTF8.GetString(key));
    }

    /// <summary>Appends every wanted provider that can be loaded, drops the others from the list, and returns the first that stays.</summary>
    private static OnnxProvider? AppendUsable(OnnxRuntimeLibrary library, OrtHandle options, List<OnnxProvider> wanted, List<string> notes)
    {
        foreach (var provider in wanted.ToArray())
        {
            var fault = provider switch
            {
                OnnxProvider.Cpu => null,
                OnnxProvider.Cuda => AppendCuda(library.Api, options.Pointer),
                OnnxProvider.TensorRt => AppendTensorRt(library.Api, options.Pointer),
                _ => throw new ArgumentOutOfRangeException(nameof(wanted), provider, "Not a provider."),
            };
            if (fault is null)
                continue;
            notes.Add($"{provider}: cannot be loaded by ONNX Runtime {library.Version}: {fault.Text}");
            wanted.Remove(provider);
        }

        return wanted.Count > 0 ? wanted[0] : null;
    }

    private static OrtFault? AppendCuda(OrtApi api, nint options)
    {
        nint cuda;
        if (OrtFault.Take(api, api.CreateCUDAProviderOptions(&cuda)) is { } fault)
            return fault;
        using var handle = new OrtHandle(cuda, api.ReleaseCUDAProviderOptions);
        return OrtFault.Take(api, api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda));
    }

    private static OrtFault? AppendTensorRt(OrtApi api, nint options)
    {
        nint tensorRt;
        if (OrtFault.Take(api, api.CreateTensorRTProviderOptions(&tensorRt)) is { } fault)
            return fault;
        using var handle = new OrtHandle(tensorRt, api.ReleaseTensorRTProviderOptions);
        return OrtFault.Take(api, api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, tensorRt));
    }
}
