namespace HeartSound.Native.OnnxRuntime;

/// <summary>
/// The functions of ONNX Runtime's C API by their place in the <c>OrtApi</c> table. The table is append-only: a slot
/// means the same in every release that has it, and all slots used here exist since API version 11 (209 slots).
/// Source: <c>onnxruntime_c_api.h</c>. A status is zero, or an object that <see cref="OrtFault.Take"/> reads and frees.
/// </summary>
internal readonly unsafe struct OrtApi(nint table)
{
    private readonly void** _slots = (void**)table;

    public delegate* unmanaged[Cdecl]<nint, int> GetErrorCode => (delegate* unmanaged[Cdecl]<nint, int>)_slots[1];

    public delegate* unmanaged[Cdecl]<nint, byte*> GetErrorMessage => (delegate* unmanaged[Cdecl]<nint, byte*>)_slots[2];

    public delegate* unmanaged[Cdecl]<int, byte*, nint*, nint> CreateEnv =>
        (delegate* unmanaged[Cdecl]<int, byte*, nint*, nint>)_slots[3];

    public delegate* unmanaged[Cdecl]<nint, byte*, nuint, nint, nint*, nint> CreateSessionFromArray =>
        (delegate* unmanaged[Cdecl]<nint, byte*, nuint, nint, nint*, nint>)_slots[8];

    public delegate* unmanaged[Cdecl]<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run =>
        (delegate* unmanaged[Cdecl]<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)_slots[9];

    public delegate* unmanaged[Cdecl]<nint*, nint> CreateSessionOptions => (delegate* unmanaged[Cdecl]<nint*, nint>)_slots[10];

    public delegate* unmanaged[Cdecl]<nint, int, nint> SetSessionExecutionMode =>
        (delegate* unmanaged[Cdecl]<nint, int, nint>)_slots[13];

    public delegate* unmanaged[Cdecl]<nint, nint> EnableMemPattern => (delegate* unmanaged[Cdecl]<nint, nint>)_slots[16];

    public delegate* unmanaged[Cdecl]<nint, int, nint> SetSessionGraphOptimizationLevel =>
        (delegate* unmanaged[Cdecl]<nint, int, nint>)_slots[23];

    public delegate* unmanaged[Cdecl]<nint, int, nint> SetIntraOpNumThreads =>
        (delegate* unmanaged[Cdecl]<nint, int, nint>)_slots[24];

    public delegate* unmanaged[Cdecl]<nint, nuint*, nint> SessionGetInputCount =>
        (delegate* unmanaged[Cdecl]<nint, nuint*, nint>)_slots[30];

    public delegate* unmanaged[Cdecl]<nint, nuint*, nint> SessionGetOutputCount =>
        (delegate* unmanaged[Cdecl]<nint, nuint*, nint>)_slots[31];

    public delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint> SessionGetInputTypeInfo =>
        (delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint>)_slots[33];

    public delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint> SessionGetOutputTypeInfo =>
        (delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint>)_slots[34];

    public delegate* unmanaged[Cdecl]<nint, nuint, nint, byte**, nint> SessionGetInputName =>
        (delegate* unmanaged[Cdecl]<nint, nuint, nint, byte**, nint>)_slots[36];

    public delegate* unmanaged[Cdecl]<nint, nuint, nint, byte**, nint> SessionGetOutputName =>
        (delegate* unmanaged[Cdecl]<nint, nuint, nint, byte**, nint>)_slots[37];

    public delegate* unmanaged[Cdecl]<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithDataAsOrtValue =>
        (delegate* unmanaged[Cdecl]<nint, void*, nuint, long*, nuint, int, nint*, nint>)_slots[49];

    /// <summary>The result is zero when the type is not a tensor; it belongs to the type info.</summary>
    public delegate* unmanaged[Cdecl]<nint, nint*, nint> CastTypeInfoToTensorInfo =>
        (delegate* unmanaged[Cdecl]<nint, nint*, nint>)_slots[55];

    public delegate* unmanaged[Cdecl]<nint, int*, nint> GetTensorElementType =>
        (delegate* unmanaged[Cdecl]<nint, int*, nint>)_slots[60];

    public delegate* unmanaged[Cdecl]<nint, nuint*, nint> GetDimensionsCount =>
        (delegate* unmanaged[Cdecl]<nint, nuint*, nint>)_slots[61];

    public delegate* unmanaged[Cdecl]<nint, long*, nuint, nint> GetDimensions =>
        (delegate* unmanaged[Cdecl]<nint, long*, nuint, nint>)_slots[62];

    public delegate* unmanaged[Cdecl]<int, int, nint*, nint> CreateCpuMemoryInfo =>
        (delegate* unmanaged[Cdecl]<int, int, nint*, nint>)_slots[69];

    public delegate* unmanaged[Cdecl]<nint, void*, nint> AllocatorFree => (delegate* unmanaged[Cdecl]<nint, void*, nint>)_slots[76];

    /// <summary>The allocator belongs to the library and is never released.</summary>
    public delegate* unmanaged[Cdecl]<nint*, nint> GetAllocatorWithDefaultOptions =>
        (delegate* unmanaged[Cdecl]<nint*, nint>)_slots[78];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseEnv => (delegate* unmanaged[Cdecl]<nint, void>)_slots[92];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseStatus => (delegate* unmanaged[Cdecl]<nint, void>)_slots[93];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseMemoryInfo => (delegate* unmanaged[Cdecl]<nint, void>)_slots[94];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseSession => (delegate* unmanaged[Cdecl]<nint, void>)_slots[95];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseValue => (delegate* unmanaged[Cdecl]<nint, void>)_slots[96];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseTypeInfo => (delegate* unmanaged[Cdecl]<nint, void>)_slots[98];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseSessionOptions => (delegate* unmanaged[Cdecl]<nint, void>)_slots[100];

    public delegate* unmanaged[Cdecl]<nint, nint*, nint> SessionGetModelMetadata =>
        (delegate* unmanaged[Cdecl]<nint, nint*, nint>)_slots[111];

    public delegate* unmanaged[Cdecl]<nint, nint, byte*, byte**, nint> ModelMetadataLookupCustomMetadataMap =>
        (delegate* unmanaged[Cdecl]<nint, nint, byte*, byte**, nint>)_slots[116];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseModelMetadata => (delegate* unmanaged[Cdecl]<nint, void>)_slots[118];

    public delegate* unmanaged[Cdecl]<nint, nint, byte***, long*, nint> ModelMetadataGetCustomMetadataMapKeys =>
        (delegate* unmanaged[Cdecl]<nint, nint, byte***, long*, nint>)_slots[123];

    public delegate* unmanaged[Cdecl]<byte***, int*, nint> GetAvailableProviders =>
        (delegate* unmanaged[Cdecl]<byte***, int*, nint>)_slots[125];

    public delegate* unmanaged[Cdecl]<byte**, int, nint> ReleaseAvailableProviders =>
        (delegate* unmanaged[Cdecl]<byte**, int, nint>)_slots[126];

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint> AddSessionConfigEntry =>
        (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint>)_slots[130];

    public delegate* unmanaged[Cdecl]<nint, nint, nint> SessionOptionsAppendExecutionProvider_TensorRT_V2 =>
        (delegate* unmanaged[Cdecl]<nint, nint, nint>)_slots[170];

    public delegate* unmanaged[Cdecl]<nint*, nint> CreateTensorRTProviderOptions =>
        (delegate* unmanaged[Cdecl]<nint*, nint>)_slots[171];

    public delegate* unmanaged[Cdecl]<nint, byte**, byte**, nuint, nint> UpdateTensorRTProviderOptions =>
        (delegate* unmanaged[Cdecl]<nint, byte**, byte**, nuint, nint>)_slots[172];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseTensorRTProviderOptions => (delegate* unmanaged[Cdecl]<nint, void>)_slots[174];

    public delegate* unmanaged[Cdecl]<nint, nint, nint> SessionOptionsAppendExecutionProvider_CUDA_V2 =>
        (delegate* unmanaged[Cdecl]<nint, nint, nint>)_slots[204];

    public delegate* unmanaged[Cdecl]<nint*, nint> CreateCUDAProviderOptions => (delegate* unmanaged[Cdecl]<nint*, nint>)_slots[205];

    public delegate* unmanaged[Cdecl]<nint, byte**, byte**, nuint, nint> UpdateCUDAProviderOptions =>
        (delegate* unmanaged[Cdecl]<nint, byte**, byte**, nuint, nint>)_slots[206];

    public delegate* unmanaged[Cdecl]<nint, void> ReleaseCUDAProviderOptions => (delegate* unmanaged[Cdecl]<nint, void>)_slots[208];
}
