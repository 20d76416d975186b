namespace HeartSound.Edge.Recordings;

/// <summary>The ways in which a WAV file may write a sample, all little-endian.</summary>
internal enum SampleEncoding
{
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
}
