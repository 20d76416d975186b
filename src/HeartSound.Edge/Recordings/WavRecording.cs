using Microsoft.Win32.SafeHandles;

namespace HeartSound.Edge.Recordings;

/// <summary>A WAV file, read in blocks of at most 64 KiB. For one thread.</summary>
internal sealed class WavRecording : IRecording
{
    private const int BufferBytes = 65_536;

    private readonly SafeFileHandle _file;
    private readonly WavLayout _layout;
    private readonly Channel _channel;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _position;

    /// <summary>Takes over <paramref name="file"/> unless it throws.</summary>
    public WavRecording(SafeFileHandle file, string path, Channel channel)
    {
        _file = file;
        _channel = channel;
        Path = path;
        _layout = WavLayout.Find(file, path);
        Samples = _layout.Format.BlockBytes == 0 ? 0 : _layout.DataBytes / _layout.Format.BlockBytes;
        RecordingLimits.Check(path, _layout.Format.SampleRateHz, _layout.Format.Channels, Samples, channel);
    }

    public string Path { get; }

    public int SampleRateHz => (int)_layout.Format.SampleRateHz;

    public int Channels => _layout.Format.Channels;

    public long Samples { get; }

    public string Format => _layout.Format.Name;

    public string? Warning => _layout.Warning;

    public int Read(Span<float> mono)
    {
        var block = _layout.Format.BlockBytes;
        var wanted = (int)Math.Min(mono.Length, Samples - _position);
        for (var done = 0; done < wanted;)
        {
            var count = Math.Min(wanted - done, _buffer.Length / block);
            var bytes = _buffer.AsSpan(0, count * block);
            FileBytes.ReadAt(_file, _layout.DataStart + _position * block, bytes, Path);
            SampleDecoder.Decode(_layout.Format.Encoding, bytes, Channels, _channel, mono.Slice(done, count));
            done += count;
            _position += count;
        }

        return wanted;
    }

    public void Dispose() => _file.Dispose();
}
