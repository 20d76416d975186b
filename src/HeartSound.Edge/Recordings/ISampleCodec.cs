using System.Buffers.Binary;

namespace HeartSound.Edge.Recordings;

/// <summary>One way to write a sample into bytes, little-endian. Integers are divided by their full scale, so −1 is reached and +1 is not.</summary>
internal interface ISampleCodec
{
    static abstract int Bytes { get; }

    /// <summary>Takes the first <see cref="Bytes"/>; exact, so that the only rounding is the one to the float that leaves the reader.</summary>
    static abstract double Value(ReadOnlySpan<byte> bytes);
}

/// <summary>WAV's 8-bit samples, unlike all the others, are unsigned with silence at 128.</summary>
internal readonly struct Unsigned8 : ISampleCodec
{
    public static int Bytes => 1;

    public static double Value(ReadOnlySpan<byte> bytes) => (bytes[0] - 128) / 128.0;
}

internal readonly struct Signed16 : ISampleCodec
{
    public static int Bytes => 2;

    public static double Value(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768.0;
}

internal readonly struct Signed24 : ISampleCodec
{
    public static int Bytes => 3;

    public static double Value(ReadOnlySpan<byte> bytes) => (bytes[0] | bytes[1] << 8 | (sbyte)bytes[2] << 16) / 8388608.0;
}

internal readonly struct Signed32 : ISampleCodec
{
    public static int Bytes => 4;

    public static double Value(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648.0;
}

internal readonly struct Float32 : ISampleCodec
{
    public static int Bytes => 4;

    public static double Value(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadSingleLittleEndian(bytes);
}

internal readonly struct Float64 : ISampleCodec
{
    public static int Bytes => 8;

    public static double Value(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadDoubleLittleEndian(bytes);
}
