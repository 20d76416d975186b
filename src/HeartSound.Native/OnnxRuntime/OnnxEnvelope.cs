using System.Text;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>
/// The outermost layer of an ONNX file, read without ONNX Runtime: the fields of <c>ModelProto</c> must fill the file exactly.
/// Finds files that are empty, not ONNX or cut off, and the versions that the model was made for. Source: <c>onnx.proto</c>.
/// </summary>
internal readonly record struct OnnxEnvelope(string? Fault, long IrVersion, long Opset)
{
    private const int IrVersionField = 1;
    private const int GraphField = 7;
    private const int OpsetImportField = 8;
    private const int MetadataField = 14;

    public static OnnxEnvelope Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return new OnnxEnvelope("is empty", 0, 0);
        long irVersion = 0, opset = 0;
        var hasGraph = false;
        var reader = new ProtobufReader(bytes);
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case IrVersionField:
                    irVersion = reader.Number;
                    break;
                case GraphField:
                    hasGraph = true;
                    break;
                case OpsetImportField:
                    opset = Math.Max(opset, ReadOpset(reader.Content));
                    break;
            }
        }

        if (reader.Failed)
        {
            return new OnnxEnvelope(
                irVersion == 0 ? "is not an ONNX model" : $"is truncated or damaged (after byte {reader.Position} of {bytes.Length})", irVersion, opset);
        }

        if (irVersion == 0)
            return new OnnxEnvelope("is not an ONNX model", 0, 0);
        if (!hasGraph)
            return new OnnxEnvelope("is truncated or damaged (it has no graph)", irVersion, opset);
        return new OnnxEnvelope(opset == 0 ? "is truncated or damaged (it names no operator set)" : null, irVersion, opset);
    }

    /// <summary>The value that the model's metadata holds under <paramref name="key"/>; null where there is none.</summary>
    public static string? Metadata(ReadOnlySpan<byte> bytes, string key)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.MoveNext())
        {
            if (reader.Field != MetadataField) continue;
            string? name = null, value = null;
            var entry = new ProtobufReader(reader.Content);
            while (entry.MoveNext())
            {
                if (entry.Field == 1) name = Encoding.UTF8.GetString(entry.Content);
                else if (entry.Field == 2) value = Encoding.UTF8.GetString(entry.Content);
            }

            if (name == key) return value;
        }

        return null;
    }

    /// <summary>The version of the default operator set; 0 for the set of another domain.</summary>
    private static long ReadOpset(ReadOnlySpan<byte> import)
    {
        long version = 0;
        var isDefault = true;
        var reader = new ProtobufReader(import);
        while (reader.MoveNext())
        {
            if (reader.Field == 1)
                isDefault = reader.Content.IsEmpty || reader.Content.SequenceEqual("ai.onnx"u8);
            else if (reader.Field == 2)
                version = reader.Number;
        }

        return isDefault ? version : 0;
    }
}
