namespace HeartSound.Native.OnnxRuntime;

/// <summary>Element types of tensors, numbered as ONNX numbers them (<c>ONNXTensorElementDataType</c>). Only Float32 can be run here.</summary>
#pragma warning disable CA1720 // The names of types are what this enumeration is about.
public enum OnnxElementType
{
    Undefined = 0,
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Text = 8,
    Boolean = 9,
    Float16 = 10,
    Float64 = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
}
