using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace HeartSound.Edge.Recordings;

/// <summary>
/// Where in a WAV file (RIFF, RF64, BW64) the samples lie and how they are written. Every size in the file is taken as a claim:
/// it is compared with the length of the file and never allocated by.
/// </summary>
internal readonly record struct WavLayout(WavFormat Format, long DataStart, long DataBytes, string? Warning)
{
    /// <summary>Real files have fewer than 20; more is a file made to keep a reader busy.</summary>
    private const int MaxChunks = 4096;

    private const int ChunkHeaderBytes = 8;
    private const int RiffHeaderBytes = 12;
    private const uint SizeUnknown = 0xFFFFFFFF;

    /// <exception cref="RecordingException">The format or the data is missing, unsupported or contradicts itself.</exception>
    public static WavLayout Find(SafeFileHandle file, string path)
    {
        var length = RandomAccess.GetLength(file);
        WavFormat? format = null;
        (long Start, long Claimed)? data = null;
        long? size64 = null;
        Span<byte> head = stackalloc byte[ChunkHeaderBytes];
        Span<byte> body = stackalloc byte[WavFormat.MaxBytes];

        var at = (long)RiffHeaderBytes;
        for (var chunk = 0; at <= length - ChunkHeaderBytes && (format is null || data is null); chunk++)
        {
            if (chunk == MaxChunks)
                throw new RecordingException(RecordingFault.Corrupt, path, $"is corrupt: {MaxChunks} chunks and still no samples; export it again from where it came from");
            FileBytes.ReadAt(file, at, head, path);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            var start = at + ChunkHeaderBytes;
            var seen = body[..(int)Math.Min(Math.Min(size, length - start), body.Length)];

            if (head.StartsWith("fmt "u8) && format is null)
            {
                FileBytes.ReadAt(file, start, seen, path);
                format = WavFormat.Parse(seen, path);
            }
            else if (head.StartsWith("ds64"u8) && seen.Length >= 16)
            {
                // RF64 (EBU Tech 3306): the 64-bit size of the data, for a data chunk whose own size says 0xFFFFFFFF.
                FileBytes.ReadAt(file, start, seen, path);
                size64 = BinaryPrimitives.ReadInt64LittleEndian(seen[8..]);
            }
            else if (head.StartsWith("data"u8) && data is null)
            {
                if (size == SizeUnknown && size64 is > 0) size = size64.Value;
                else if (size == SizeUnknown || (size == 0 && !IsChunkChain(file, start, length, path))) size = -1;
                data = (start, size);
                if (size < 0) size = length - start;
            }

            if (size > length - start) break;
            at = start + size + (size & 1);
        }

        if (format is null || data is null)
            throw new RecordingException(RecordingFault.Corrupt, path, $"is corrupt or cut off: it has no {(format is null ? "format" : "data")} chunk; copy it again from where it came from");
        return Measure(format.Value, data.Value.Start, data.Value.Claimed, length);
    }

    /// <summary>Compares what the header claims (−1: nothing, as a program that was streaming leaves it) with what is there.</summary>
    private static WavLayout Measure(WavFormat format, long start, long claimed, long length)
    {
        var there = Math.Min(length - start, claimed < 0 ? long.MaxValue : claimed);
        var whole = format.BlockBytes == 0 ? 0 : there / format.BlockBytes * format.BlockBytes;
        var warning = claimed > there ? $"the end is missing: the header promises {claimed} bytes of samples, {there} are there"
            : claimed < 0 ? "the header does not say how long it is, it was read to the end of the file"
            : whole < there ? "it ends in the middle of a sample"
            : null;
        return new WavLayout(format, start, whole, warning);
    }

    /// <summary>
    /// A data chunk of size 0 is either truly empty, followed by other chunks up to the very end of the file, or was left at 0 by a
    /// program that streamed, and is followed by samples.
    /// </summary>
    private static bool IsChunkChain(SafeFileHandle file, long at, long length, string path)
    {
        Span<byte> head = stackalloc byte[ChunkHeaderBytes];
        for (var chunk = 0; chunk < MaxChunks && at <= length - ChunkHeaderBytes; chunk++)
        {
            FileBytes.ReadAt(file, at, head, path);
            if (head[..4].ContainsAnyExceptInRange((byte)' ', (byte)'~')) return false;
            long size = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            at += ChunkHeaderBytes + size + (size & 1);
        }

        return at >= length && at <= length + 1;
    }
}
