using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using HeartSound.Native.LibC;

namespace HeartSound.Edge.Records;

/// <summary>
/// Writes one record as a stream: header, chunks, trailer. What was written before a power cut can be read up to the last whole chunk. Nothing that was written is ever
/// changed. For one thread; the caller disposes it, without <see cref="Complete"/> the file stays as one that was cut off.
/// </summary>
internal sealed class RecordWriter : IDisposable
{
    /// <summary>Sound that a chunk may hold at the most: what a power cut may cost, and what the disk may still hold back.</summary>
    public const double ChunkSeconds = 2;

    private const int LengthBytes = sizeof(uint);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);

    private readonly Stream _file;
    private readonly RecordCipher _cipher;
    private readonly short[] _chunk;
    private readonly byte[] _frame = new byte[LengthBytes + RecordHeader.MaxChunkBytes + RecordCipher.TagBytes];
    private int _filled;
    private long _flushed = Stopwatch.GetTimestamp();

    /// <summary>Writes the header.</summary>
    /// <param name="file">Empty; the writer's from now on to dispose.</param>
    /// <param name="key">To encrypt with.</param>
    /// <param name="header">Made for this file and no other.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public RecordWriter(Stream file, RecordKey key, RecordHeader header)
    {
        _file = file;
        _cipher = new RecordCipher(key, header);
        _chunk = new short[Math.Clamp((int)(header.SampleRateHz * ChunkSeconds), 1, RecordHeader.MaxChunkBytes / sizeof(short))];
        _file.Write(header.ToBytes());
    }

    /// <summary>Samples that were taken so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Appends samples.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Write(ReadOnlySpan<short> samples)
    {
        Samples += samples.Length;
        while (samples.Length > 0)
        {
            var count = Math.Min(samples.Length, _chunk.Length - _filled);
            samples[..count].CopyTo(_chunk.AsSpan(_filled));
            samples = samples[count..];
            _filled += count;
            if (_filled == _chunk.Length) WriteChunk();
        }
    }

    /// <summary>Appends silence.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void WriteSilence(long samples)
    {
        Span<short> silence = stackalloc short[1024];
        silence.Clear();
        for (; samples > 0; samples -= silence.Length) Write(silence[..(int)Math.Min(samples, silence.Length)]);
    }

    /// <summary>Writes what is left and the trailer, and sees to it that all of it is on the disk.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Complete(RecordTrailer trailer)
    {
        if (_filled > 0) WriteChunk();
        WriteFrame(JsonSerializer.SerializeToUtf8Bytes(trailer, EdgeJson.Compact), last: true);
        Flush();
    }

    public void Dispose()
    {
        _cipher.Dispose();
        _file.Dispose();
    }

    private void WriteChunk()
    {
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(_chunk.AsSpan(0, _filled), _chunk);
        WriteFrame(MemoryMarshal.AsBytes(_chunk.AsSpan(0, _filled)), last: false);
        _filled = 0;
        if (Stopwatch.GetElapsedTime(_flushed) >= FlushEvery) Flush();
    }

    private void WriteFrame(ReadOnlySpan<byte> plain, bool last)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_frame, plain.Length);
        _cipher.Encrypt(plain, _frame.AsSpan(LengthBytes, plain.Length), _frame.AsSpan(LengthBytes + plain.Length, RecordCipher.TagBytes), last);
        _file.Write(_frame.AsSpan(0, LengthBytes + plain.Length + RecordCipher.TagBytes));
    }

    private void Flush()
    {
        _file.Flush();
        if (_file is FileStream file) DiskSync.Flush(file.Name);
        _flushed = Stopwatch.GetTimestamp();
    }
}
