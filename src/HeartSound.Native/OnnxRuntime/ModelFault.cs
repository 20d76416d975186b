namespace HeartSound.Native.OnnxRuntime;

/// <summary>Says what is wrong with a model file that ONNX Runtime refuses, or that it must not even be shown.</summary>
internal static class ModelFault
{
    public static void ThrowIfDamaged(string name, ReadOnlySpan<byte> bytes)
    {
        var envelope = OnnxEnvelope.Read(bytes);
        if (envelope.Fault is not null)
            throw new OnnxRuntimeException($"The model {name} {envelope.Fault}. Copy it again and compare its SHA-256 with the original's.");
    }

    public static OnnxRuntimeException Describe(OnnxRuntimeLibrary library, string name, ReadOnlySpan<byte> bytes, OrtFault fault)
    {
        var envelope = OnnxEnvelope.Read(bytes);
        var made = $"(IR version {envelope.IrVersion}, opset {envelope.Opset})";
        var tooNew = fault.Text.Contains("opset", StringComparison.OrdinalIgnoreCase)
            || fault.Text.Contains("IR version", StringComparison.OrdinalIgnoreCase)
            || fault.Text.Contains("file format version", StringComparison.OrdinalIgnoreCase);
        if (tooNew)
        {
            return new OnnxRuntimeException(
                $"The model {name} {made} is newer than ONNX Runtime {library.Version} ({library.Path}) can read: {fault.Text} " +
                "Use a newer ONNX Runtime, or export the model with opset 13 and IR version 7.");
        }

        var what = fault.Code == OrtFault.InvalidProtobuf ? "is damaged or truncated" : "cannot be loaded";
        return new OnnxRuntimeException(
            $"The model {name} {made} {what}: ONNX Runtime {library.Version} says: {fault.Text} " +
            "Copy it again and compare its SHA-256 with the original's; if it is the same, check it with heartsound model show on the machine that exported it.");
    }
}
