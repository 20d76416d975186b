using System.Buffers.Binary;

namespace HeartSound.Edge.Recordings;

/// <summary>What the <c>fmt </c> chunk of a WAV file says, once it is known to make sense.</summary>
internal readonly record struct WavFormat(SampleEncoding Encoding, int Channels, long SampleRateHz, int BlockBytes)
{
    /// <summary>Bytes of the chunk that are looked at: up to the end of the extensible form.</summary>
    public const int MaxBytes = 40;

    private const int MinBytes = 16;
    private const int Pcm = 1;
    private const int IeeeFloat = 3;
    private const int Extensible = 0xFFFE;

    /// <summary>The last 14 bytes of every KSDATAFORMAT_SUBTYPE that stands for a plain format tag (mmreg.h).</summary>
    private static ReadOnlySpan<byte> SubFormatTail => [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    public string Name => Encoding switch
    {
        SampleEncoding.Unsigned8 => "WAV PCM 8-bit",
        SampleEncoding.Signed16 => "WAV PCM 16-bit",
        SampleEncoding.Signed24 => "WAV PCM 24-bit",
        SampleEncoding.Signed32 => "WAV PCM 32-bit",
        SampleEncoding.Float32 => "WAV float 32-bit",
        _ => "WAV float 64-bit",
    };

    /// <exception cref="RecordingException">The chunk is too short, contradicts itself, or names a codec that is not read.</exception>
    public static WavFormat Parse(ReadOnlySpan<byte> chunk, string path)
    {
        if (chunk.Length < MinBytes)
            throw new RecordingException(RecordingFault.Corrupt, path, $"is corrupt: its format chunk has {chunk.Length} bytes, must have at least {MinBytes}; export it again from where it came from");

        int tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        long rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        int blockBytes = BinaryPrimitives.ReadUInt16LittleEndian(chunk[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (tag == Extensible && chunk.Length >= MaxBytes && chunk[26..MaxBytes].SequenceEqual(SubFormatTail))
            tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]);

        var encoding = (tag, bits) switch
        {
            (Pcm, 8) => SampleEncoding.Unsigned8,
            (Pcm, > 8 and <= 16) => SampleEncoding.Signed16, // 12 valid bits, say, are the upper ones of 16
            (Pcm, > 16 and <= 24) => SampleEncoding.Signed24,
            (Pcm, > 24 and <= 32) => SampleEncoding.Signed32,
            (IeeeFloat, 32) => SampleEncoding.Float32,
            (IeeeFloat, 64) => SampleEncoding.Float64,
            _ => throw new RecordingException(RecordingFault.Unsupported, path,
                $"is a WAV file with {Codec(tag)}{(tag is Pcm or IeeeFloat ? $" of {bits} bits" : "")} inside, which is not read; {ForeignFormat.Convert(path)}"),
        };

        var expected = channels * ((bits + 7) / 8);
        if (channels > 0 && blockBytes != expected)
            throw new RecordingException(RecordingFault.Corrupt, path,
                $"is corrupt: its header gives {blockBytes} bytes for {channels} channel(s) of {bits} bits, which need {expected}; export it again from where it came from");
        return new WavFormat(encoding, channels, rate, blockBytes);
    }

    private static string Codec(int tag) => tag switch
    {
        Pcm => "PCM",
        IeeeFloat => "float samples",
        0x0002 => "Microsoft ADPCM",
        0x0006 => "A-law",
        0x0007 => "µ-law",
        0x0011 => "IMA ADPCM",
        0x0031 => "GSM 6.10",
        0x0055 => "MP3",
        0x00FF or 0x1610 => "AAC",
        _ => $"the unknown codec 0x{tag:X4}",
    };
}
