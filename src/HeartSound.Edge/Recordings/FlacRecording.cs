using HeartSound.Native;
using HeartSound.Native.SndFile;

namespace HeartSound.Edge.Recordings;

/// <summary>A FLAC file, read through libsndfile in blocks. For one thread.</summary>
internal sealed class FlacRecording : IRecording
{
    private const int BufferValues = 16_384;

    private readonly SndFileReader _reader;
    private readonly Channel _channel;
    private readonly float[] _buffer;
    private long _position;

    /// <exception cref="RecordingException">It is corrupt or out of limits, or libsndfile is not installed.</exception>
    public FlacRecording(string path, Channel channel)
    {
        Path = path;
        _channel = channel;
        _reader = OpenReader(path);
        try
        {
            Samples = _reader.Frames;
            if (Samples < 0)
            {
                Samples = Count(path);
                Warning = "the header does not say how long it is, it was counted";
            }

            RecordingLimits.Check(path, _reader.SampleRateHz, _reader.Channels, Samples, channel);
            _buffer = new float[BufferValues / _reader.Channels * _reader.Channels];
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public int SampleRateHz => _reader.SampleRateHz;

    public int Channels => _reader.Channels;

    public long Samples { get; }

    public string Format => "FLAC";

    public string? Warning { get; }

    public int Read(Span<float> mono)
    {
        var wanted = (int)Math.Min(mono.Length, Samples - _position);
        for (var done = 0; done < wanted;)
        {
            var read = ReadBlock(_reader, _buffer.AsSpan(0, Math.Min((wanted - done) * Channels, _buffer.Length)), Path);
            if (read == 0) throw new RecordingException(RecordingFault.Corrupt, Path, $"ends after {_position} of {Samples} samples; copy it again from where it came from");
            Take(_buffer, mono.Slice(done, read));
            done += read;
            _position += read;
        }

        return wanted;
    }

    public void Dispose() => _reader.Dispose();

    private void Take(ReadOnlySpan<float> interleaved, Span<float> mono)
    {
        var first = _channel == Channel.Mix ? 0 : _channel.Number - 1;
        var taken = _channel == Channel.Mix ? Channels : 1;
        for (var i = 0; i < mono.Length; i++)
        {
            double sum = interleaved[i * Channels + first];
            for (var c = 1; c < taken; c++) sum += interleaved[i * Channels + c];
            mono[i] = (float)(sum / taken);
        }
    }

    /// <summary>A program that streamed FLAC leaves its length open; only reading it all tells.</summary>
    private static long Count(string path)
    {
        using var reader = OpenReader(path);
        if (reader.Channels is < 1 or > RecordingLimits.MaxChannels) return 0;
        var buffer = new float[BufferValues / reader.Channels * reader.Channels];
        long samples = 0;
        for (int read; (read = ReadBlock(reader, buffer, path)) > 0;) samples += read;
        return samples;
    }

    private static SndFileReader OpenReader(string path)
    {
        try
        {
            return new SndFileReader(path);
        }
        catch (NativeLibraryMissingException e)
        {
            throw new RecordingException(RecordingFault.Unsupported, path, $"is FLAC, which cannot be read yet: {e.Message}", e);
        }
        catch (SndFileException e)
        {
            throw new RecordingException(RecordingFault.Corrupt, path, $"is corrupt: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException(RecordingFault.Unreadable, path, $"cannot be opened: {e.Message}", e);
        }
    }

    private static int ReadBlock(SndFileReader reader, Span<float> interleaved, string path)
    {
        try
        {
            return reader.Read(interleaved);
        }
        catch (SndFileException e)
        {
            throw new RecordingException(RecordingFault.Corrupt, path, $"is corrupt: {e.Message}", e);
        }
    }
}
