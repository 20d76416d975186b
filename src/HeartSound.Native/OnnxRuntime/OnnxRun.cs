using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>
/// One thread's tensors for a model, made once: fill <see cref="Input"/>, call <see cref="Execute"/>, read
/// <see cref="Output"/>. Not safe for use by several threads at once; the caller disposes it. Execute allocates nothing.
/// </summary>
public sealed unsafe class OnnxRun : IDisposable
{
    // Cache lines and the widest vectors of ONNX Runtime's kernels are 64 bytes.
    private const int AlignmentBytes = 64;

    // OrtAllocatorType OrtArenaAllocator, OrtMemType OrtMemTypeDefault.
    private const int ArenaAllocator = 1;
    private const int DefaultMemory = 0;

    private readonly OrtApi _api;
    private readonly string _name;
    private readonly OrtHandle _session;
    private readonly PinnedTensor _input;
    private readonly PinnedTensor _output;
    private bool _disposed;

    internal OnnxRun(OnnxRuntimeLibrary library, string name, OrtHandle session, OnnxTensorInfo input, OnnxTensorInfo output)
    {
        _api = library.Api;
        _name = name;
        _session = session;
        nint memory;
        OrtFault.Check(_api, _api.CreateCpuMemoryInfo(ArenaAllocator, DefaultMemory, &memory), "Describing memory");
        using var memoryInfo = new OrtHandle(memory, _api.ReleaseMemoryInfo);
        _input = new PinnedTensor(_api, memory, input);
        _output = new PinnedTensor(_api, memory, output);

        // Last, because a constructor that throws is never disposed.
        var added = false;
        session.DangerousAddRef(ref added);
    }

    /// <summary>The input tensor, row-major; what is in it stays until it is overwritten.</summary>
    public Span<float> Input => _input.Values;

    /// <summary>The output tensor, row-major, as the last <see cref="Execute"/> left it; zeros before.</summary>
    public ReadOnlySpan<float> Output => _output.Values;

    /// <summary>Runs the model on <see cref="Input"/>.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refused or failed; the output is undefined.</exception>
    public void Execute()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var inputName = _input.Name;
        var outputName = _output.Name;
        var inputValue = _input.Value;
        var outputValue = _output.Value;
        var status = _api.Run(_session.DangerousGetHandle(), 0, &inputName, &inputValue, 1, &outputName, 1, &outputValue);
        GC.KeepAlive(this);
        if (status != 0)
            ThrowFailed(status);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _input.Dispose();
        _output.Dispose();
        _session.DangerousRelease();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowFailed(nint status)
    {
        var fault = OrtFault.Take(_api, status)!;
        throw new OnnxRuntimeException($"Running the model {_name} failed: {fault.Text} (ONNX Runtime code {fault.Code}).");
    }

    /// <summary>A tensor over a pinned array, so that a span of it stays valid whatever is disposed.</summary>
    private sealed class PinnedTensor : IDisposable
    {
        private readonly float[] _array;
        private readonly int _offset;
        private readonly int _length;
        private readonly byte[] _name;
        private readonly OrtHandle _handle;

        public PinnedTensor(OrtApi api, nint memoryInfo, OnnxTensorInfo info)
        {
            var shape = info.Shape.ToArray();
            _length = (int)shape.Aggregate(1L, (product, size) => product * size);
            _array = GC.AllocateArray<float>(_length + (AlignmentBytes / sizeof(float)), pinned: true);
            var start = (nuint)(nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
            _offset = (int)((AlignmentBytes - (start % AlignmentBytes)) % AlignmentBytes) / sizeof(float);
            _name = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(info.Name) + 1, pinned: true);
            Encoding.UTF8.GetBytes(info.Name, _name);

            nint value;
            fixed (long* sizes = shape)
            {
                OrtFault.Check(
                    api,
                    api.CreateTensorWithDataAsOrtValue(
                        memoryInfo,
                        Unsafe.AsPointer(ref _array[_offset]),
                        (nuint)_length * sizeof(float),
                        sizes,
                        (nuint)shape.Length,
                        (int)OnnxElementType.Float32,
                        &value),
                    $"Making the tensor {info}");
            }

            _handle = new OrtHandle(value, api.ReleaseValue);
        }

        public Span<float> Values => _array.AsSpan(_offset, _length);

        public byte* Name => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_name));

        public nint Value => _handle.DangerousGetHandle();

        public void Dispose() => _handle.Dispose();
    }
}
