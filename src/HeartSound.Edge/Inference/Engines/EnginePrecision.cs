namespace HeartSound.Edge.Inference.Engines;

#pragma warning disable CA1720 // Names of types are what this enumeration is about.
/// <summary>What an engine may compute in. Words in settings and on the wire: only ever added.</summary>
public enum EnginePrecision
{
    Fp32,
    Fp16,
    Int8,
}
