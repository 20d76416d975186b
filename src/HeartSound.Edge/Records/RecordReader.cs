using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace HeartSound.Edge.Records;

/// <summary>Reads one record, chunk for chunk; nothing is handed out that is not what was written there. For one thread; the caller disposes it.</summary>
public sealed class RecordReader : IDisposable
{
    private readonly Stream _file;
    private readonly string _name;
    private readonly RecordCipher _cipher;
    private readonly byte[] _frame = new byte[RecordHeader.MaxChunkBytes + RecordCipher.TagBytes];
    private readonly byte[] _plain = new byte[RecordHeader.MaxChunkBytes];

    /// <param name="file">Path of the record.</param>
    /// <param name="key">The key that it was written with.</param>
    /// <exception cref="RecordException">It is no record, or of another key.</exception>
    public RecordReader(string file, RecordKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _name = file;
        (_file, Header) = Open(file);
        if (!Header.KeyId.Span.SequenceEqual(key.Id.Span))
        {
            _file.Dispose();
            throw new RecordException($"{file}: was written with another key ({Convert.ToHexStringLower(Header.KeyId.Span)}; this one is {Convert.ToHexStringLower(key.Id.Span)}).");
        }

        _cipher = new RecordCipher(key, Header);
    }

    /// <summary>What the record says about itself in the clear; proven only by the first chunk.</summary>
    public RecordHeader Header { get; }

    /// <summary>What was written at the end; null until then, and for ever in a record that was cut off.</summary>
    public RecordTrailer? Trailer { get; private set; }

    /// <summary>The header alone, which needs no key and proves nothing.</summary>
    /// <exception cref="RecordException">It is no record.</exception>
    public static RecordHeader ReadHeader(string file)
    {
        var (stream, header) = Open(file);
        stream.Dispose();
        return header;
    }

    /// <summary>The samples of the next chunk, valid until the next call; empty at the end of the record, or where it was cut off (<see cref="Trailer"/> is null then).</summary>
    /// <exception cref="RecordException">A chunk is not what was written there.</exception>
    public ReadOnlySpan<short> ReadChunk()
    {
        if (Trailer is not null) return [];
        Span<byte> head = stackalloc byte[sizeof(uint)];
        if (!TryRead(head)) return [];
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length is < 0 or > RecordHeader.MaxChunkBytes) throw Damaged();
        if (!TryRead(_frame.AsSpan(0, length + RecordCipher.TagBytes))) return [];
        var cipher = _frame.AsSpan(0, length);
        var tag = _frame.AsSpan(length, RecordCipher.TagBytes);
        var plain = _plain.AsSpan(0, length);
        if (_cipher.TryDecrypt(cipher, tag, plain, last: false))
        {
            var samples = MemoryMarshal.Cast<byte, short>(plain);
            if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(samples, samples);
            return samples;
        }

        if (!_cipher.TryDecrypt(cipher, tag, plain, last: true)) throw Damaged();
        if (_file.ReadByte() >= 0) throw new RecordException($"{_name}: something was added behind the end of the record.");
        Trailer = JsonSerializer.Deserialize<RecordTrailer>(plain, EdgeJson.Compact) ?? throw Damaged();
        return [];
    }

    public void Dispose()
    {
        _cipher.Dispose();
        _file.Dispose();
    }

    private static (Stream File, RecordHeader Header) Open(string file)
    {
        FileStream? stream = null;
        try
        {
            stream = File.OpenRead(file);
            Span<byte> bytes = stackalloc byte[RecordHeader.Bytes];
            return (stream, RecordHeader.Parse(bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)], file));
        }
        catch (Exception e)
        {
            stream?.Dispose();
            throw e is IOException or UnauthorizedAccessException ? new RecordException($"{file}: the record cannot be read: {e.Message}", e) : e;
        }
    }

    private bool TryRead(Span<byte> bytes)
    {
        try
        {
            return _file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
        }
        catch (IOException e)
        {
            throw new RecordException($"{_name}: the record cannot be read on: {e.Message}", e);
        }
    }

    private RecordException Damaged() => new($"{_name}: the record was changed or is damaged behind byte {_file.Position}; nothing from there on can be trusted.");
}
