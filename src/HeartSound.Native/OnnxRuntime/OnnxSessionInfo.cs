using System.Runtime.InteropServices;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>Reads what a session knows of its model: metadata, inputs, outputs.</summary>
internal static unsafe class OnnxSessionInfo
{
    public static Dictionary<string, string> ReadMetadata(OrtApi api, nint session)
    {
        nint pointer;
        OrtFault.Check(api, api.SessionGetModelMetadata(session, &pointer), "Reading the model's metadata");
        using var metadata = new OrtHandle(pointer, api.ReleaseModelMetadata);
        var allocator = Allocator(api);
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        byte** keys = null;
        long count;
        OrtFault.Check(api, api.ModelMetadataGetCustomMetadataMapKeys(pointer, allocator, &keys, &count), "Reading the model's metadata");
        for (var i = 0L; i < count; i++)
        {
            byte* value = null;
            OrtFault.Check(api, api.ModelMetadataLookupCustomMetadataMap(pointer, allocator, keys[i], &value), "Reading the model's metadata");
            entries[Take(api, allocator, keys[i])] = Take(api, allocator, value);
        }

        if (keys != null)
            Free(api, allocator, keys);
        return entries;
    }

    public static OnnxTensorInfo[] ReadInputs(OrtApi api, nint session)
    {
        nuint count;
        OrtFault.Check(api, api.SessionGetInputCount(session, &count), "Reading the model's inputs");
        return Read(api, session, count, api.SessionGetInputName, api.SessionGetInputTypeInfo);
    }

    public static OnnxTensorInfo[] ReadOutputs(OrtApi api, nint session)
    {
        nuint count;
        OrtFault.Check(api, api.SessionGetOutputCount(session, &count), "Reading the model's outputs");
        return Read(api, session, count, api.SessionGetOutputName, api.SessionGetOutputTypeInfo);
    }

    private static OnnxTensorInfo[] Read(
        OrtApi api,
        nint session,
        nuint count,
        delegate* unmanaged[Cdecl]<nint, nuint, nint, byte**, nint> getName,
        delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint> getType)
    {
        var allocator = Allocator(api);
        var tensors = new OnnxTensorInfo[(int)count];
        for (nuint i = 0; i < count; i++)
        {
            byte* name = null;
            OrtFault.Check(api, getName(session, i, allocator, &name), "Reading the name of a tensor");
            var text = Take(api, allocator, name);
            nint type;
            OrtFault.Check(api, getType(session, i, &type), "Reading the type of a tensor");
            using var handle = new OrtHandle(type, api.ReleaseTypeInfo);
            tensors[(int)i] = Describe(api, text, type);
        }

        return tensors;
    }

    private static OnnxTensorInfo Describe(OrtApi api, string name, nint type)
    {
        nint tensor;
        OrtFault.Check(api, api.CastTypeInfoToTensorInfo(type, &tensor), "Reading the type of a tensor");
        if (tensor == 0)
            return new OnnxTensorInfo(name, OnnxElementType.Undefined, []);
        int elementType;
        nuint rank;
        OrtFault.Check(api, api.GetTensorElementType(tensor, &elementType), "Reading the type of a tensor");
        OrtFault.Check(api, api.GetDimensionsCount(tensor, &rank), "Reading the shape of a tensor");
        var shape = new long[(int)rank];
        fixed (long* sizes = shape)
            OrtFault.Check(api, api.GetDimensions(tensor, sizes, rank), "Reading the shape of a tensor");
        return new OnnxTensorInfo(name, (OnnxElementType)elementType, shape);
    }

    private static nint Allocator(OrtApi api)
    {
        nint allocator;
        OrtFault.Check(api, api.GetAllocatorWithDefaultOptions(&allocator), "Getting the allocator");
        return allocator;
    }

    private static string Take(OrtApi api, nint allocator, byte* text)
    {
        var result = Marshal.PtrToStringUTF8((nint)text) ?? "";
        Free(api, allocator, text);
        return result;
    }

    private static void Free(OrtApi api, nint allocator, void* memory) =>
        OrtFault.Check(api, api.AllocatorFree(allocator, memory), "Freeing memory");
}
