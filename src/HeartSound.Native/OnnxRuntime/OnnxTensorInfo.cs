namespace HeartSound.Native.OnnxRuntime;

/// <summary>An input or output of a model. <paramref name="Shape"/> has -1 where the model leaves a dimension open.</summary>
public sealed record OnnxTensorInfo(string Name, OnnxElementType ElementType, IReadOnlyList<long> Shape)
{
    /// <summary>For people: <c>input_0 Float32 [1, 1, 64, 313]</c>, with <c>?</c> for an open dimension.</summary>
    public override string ToString() =>
        $"{Name} {ElementType} [{string.Join(", ", Shape.Select(size => size < 0 ? "?" : size.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
}
