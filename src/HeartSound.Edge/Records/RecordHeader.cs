using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HeartSound.Edge.Records;

/// <summary>The first 80 bytes of a record: in the clear, and bound to every chunk as associated data, so that none of them can be changed. See docs/records.md.</summary>
/// <param name="KeyId">Which key it was encrypted with.</param>
/// <param name="Salt">16 random bytes, from which and the key the file's own key is derived.</param>
/// <param name="NoncePrefix">7 random bytes that begin every nonce.</param>
/// <param name="SampleRateHz">Of the sound.</param>
/// <param name="Start">When the first sample was heard, to the millisecond, UTC.</param>
/// <param name="Examination">Which examination it belongs to.</param>
public sealed record RecordHeader(ReadOnlyMemory<byte> KeyId, ReadOnlyMemory<byte> Salt, ReadOnlyMemory<byte> NoncePrefix, int SampleRateHz, DateTimeOffset Start, Guid Examination)
{
    /// <summary>Bytes of a header.</summary>
    public const int Bytes = 80;

    internal const int SaltBytes = 16;
    internal const int NoncePrefixBytes = 7;
    internal const int MaxChunkBytes = 65_536;
    private const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "HSRECORD"u8;

    /// <summary>A header for a new file, with new random bytes.</summary>
    public static RecordHeader Create(RecordKey key, int sampleRateHz, DateTimeOffset start, Guid examination)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new RecordHeader(key.Id, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(NoncePrefixBytes), sampleRateHz, DateTimeOffset.FromUnixTimeMilliseconds(start.ToUnixTimeMilliseconds()), examination);
    }

    /// <summary>As it is in the file. Numbers are little-endian, the examination as its text is written.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), MaxChunkBytes);
        KeyId.Span.CopyTo(bytes.AsSpan(16));
        Salt.Span.CopyTo(bytes.AsSpan(24));
        NoncePrefix.Span.CopyTo(bytes.AsSpan(40));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(48), SampleRateHz);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(56), Start.ToUnixTimeMilliseconds());
        Examination.TryWriteBytes(bytes.AsSpan(64), bigEndian: true, out _);
        return bytes;
    }

    /// <exception cref="RecordException">It is no header of a version that this program knows.</exception>
    public static RecordHeader Parse(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length < Bytes || !bytes.StartsWith(Magic)) throw new RecordException($"{file}: is no record of an examination.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != Version) throw new RecordException($"{file}: is a record of version {version}, and this program reads version {Version}. Use a newer one.");
        var rate = BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]);
        var start = BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]) != Bytes || BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != MaxChunkBytes
            || rate < Recordings.RecordingLimits.MinSampleRateHz || rate > Recordings.RecordingLimits.MaxSampleRateHz
            || start < 0 || start > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            throw new RecordException($"{file}: the header of the record is damaged.");
        var header = new RecordHeader(bytes.Slice(16, RecordKey.IdBytes).ToArray(), bytes.Slice(24, SaltBytes).ToArray(), bytes.Slice(40, NoncePrefixBytes).ToArray(),
            rate, DateTimeOffset.FromUnixTimeMilliseconds(start), new Guid(bytes.Slice(64, 16), bigEndian: true));
        return header.ToBytes().AsSpan().SequenceEqual(bytes[..Bytes]) ? header : throw new RecordException($"{file}: the header of the record is damaged."); // what is unused is 0
    }
}
