using System.Buffers.Binary;

namespace HeartSound.Edge.Recordings;

/// <summary>
/// Writes a mono WAV file with 16-bit PCM, as a stream. The file appears under its name, whole, with <see cref="Complete"/>; disposed
/// without it, nothing is left. For one thread; the caller disposes it.
/// </summary>
public sealed class WavWriter : IDisposable
{
    private const int HeaderBytes = 44;
    private const int BufferSamples = 16_384;

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[BufferSamples * sizeof(short)];
    private readonly int _sampleRateHz;
    private long _samples;
    private bool _completed;

    /// <param name="path">Name of the file.</param>
    /// <param name="sampleRateHz">Of the sound.</param>
    /// <param name="mode">Who may do what with the file; null leaves it to the umask.</param>
    /// <exception cref="IOException">The folder does not exist or cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public WavWriter(string path, int sampleRateHz, UnixFileMode? mode = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, RecordingLimits.MinSampleRateHz);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleRateHz, RecordingLimits.MaxSampleRateHz);
        _path = path;
        _sampleRateHz = sampleRateHz;
        _temporary = $"{path}.{Environment.ProcessId:x}-{Guid.NewGuid():N}.part";
        _file = new FileStream(_temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = mode });
        _file.Write(new byte[HeaderBytes]);
    }

    /// <summary>
    /// Appends samples, full scale being ±1: times 32,768, rounded, clipped to 16 bits, so that what <see cref="RecordingReader"/>
    /// reads back is within half a step. NaN becomes 0.
    /// </summary>
    /// <exception cref="IOException">The disk is full, or the file would exceed the 4 GiB of a WAV file.</exception>
    public void Write(ReadOnlySpan<float> samples)
    {
        ObjectDisposedException.ThrowIf(!_file.CanWrite, this);
        DemandRoomFor(samples.Length);
        while (samples.Length > 0)
        {
            var count = Math.Min(samples.Length, BufferSamples);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteInt16LittleEndian(_buffer.AsSpan(i * sizeof(short)), ToInt16(samples[i]));
            _file.Write(_buffer.AsSpan(0, count * sizeof(short)));
            _samples += count;
            samples = samples[count..];
        }
    }

    /// <summary>Appends samples that are 16-bit already.</summary>
    /// <exception cref="IOException">The disk is full, or the file would exceed the 4 GiB of a WAV file.</exception>
    public void Write(ReadOnlySpan<short> samples)
    {
        ObjectDisposedException.ThrowIf(!_file.CanWrite, this);
        DemandRoomFor(samples.Length);
        while (samples.Length > 0)
        {
            var count = Math.Min(samples.Length, BufferSamples);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteInt16LittleEndian(_buffer.AsSpan(i * sizeof(short)), samples[i]);
            _file.Write(_buffer.AsSpan(0, count * sizeof(short)));
            _samples += count;
            samples = samples[count..];
        }
    }

    /// <summary>Writes the sizes into the header and gives the file its name, in place of one that was there.</summary>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(!_file.CanWrite, this);
        _file.Position = 0;
        _file.Write(Header((uint)(_samples * sizeof(short))));
        _file.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _completed = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_completed) File.Delete(_temporary);
    }

    private void DemandRoomFor(int samples)
    {
        if ((_samples + samples) * sizeof(short) > uint.MaxValue - HeaderBytes)
            throw new IOException($"{_path} would exceed the 4 GiB that a WAV file can hold; write it in parts");
    }

    private static short ToInt16(float sample)
        => float.IsNaN(sample) ? (short)0 : (short)Math.Clamp(MathF.Round(sample * 32768f), short.MinValue, short.MaxValue);

    private byte[] Header(uint dataBytes)
    {
        var header = new byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), dataBytes + HeaderBytes - 8);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(20), 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(22), 1); // channels
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), _sampleRateHz);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), _sampleRateHz * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(32), sizeof(short)); // bytes of a sample of all channels
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(34), 16); // bits
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), dataBytes);
        return header;
    }
}
