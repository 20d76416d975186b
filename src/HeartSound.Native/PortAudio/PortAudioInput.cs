using System.Runtime.InteropServices;

namespace HeartSound.Native.PortAudio;

/// <summary>
/// A stream of float32 samples from a microphone, polled: no callback, and no read that could block. Not safe for use by several threads at once; the caller
/// disposes it before its session.
/// </summary>
/// <remarks>
/// A blocking <c>Pa_ReadStream</c> never returns when a USB device is pulled (23 of 26 tries on Debian 12's PortAudio 19.6), not even when the stream is aborted.
/// So nobody reads more than <see cref="Available"/> has just said, and only if that has grown. An error ends the stream: after it, PortAudio says what it likes.
/// </remarks>
public sealed unsafe class PortAudioInput : IDisposable
{
    private readonly PortAudioStreamHandle _stream;
    private bool _overflowSeen;
    private bool _started;

    internal PortAudioInput(PortAudioStreamHandle stream, int channels)
    {
        _stream = stream;
        Channels = channels;
        var info = PortAudioNative.Pa_GetStreamInfo(stream);
        SampleRateHz = info is null ? 0 : info->SampleRate;
    }

    /// <summary>Channels of a frame.</summary>
    public int Channels { get; }

    /// <summary>In hertz, as the device says after it was opened; 0 when it does not.</summary>
    public double SampleRateHz { get; }

    /// <summary>Times that the device had to drop samples because nobody read them in time.</summary>
    public long Overflows { get; private set; }

    /// <summary>Makes it deliver.</summary>
    /// <exception cref="PortAudioException">It does not start.</exception>
    public void Start()
    {
        PortAudioSession.Check(PortAudioNative.Pa_StartStream(_stream), "Starting the stream", "Pull it, plug it in again.");
        _started = true;
    }

    /// <summary>Frames (a sample of each channel) that can be read without waiting. Never blocks. An overflow counts as 0; the next read tells of it.</summary>
    /// <exception cref="PortAudioException">The stream is at its end, most likely because the device has gone.</exception>
    public int Available()
    {
        var frames = PortAudioNative.Pa_GetStreamReadAvailable(_stream).Value;
        if (frames == PortAudioNative.InputOverflowed)
        {
            _overflowSeen = true;
            return 0;
        }

        if (frames < 0) PortAudioSession.Check((int)frames, "Pa_GetStreamReadAvailable", "Has the device been pulled?");
        return (int)Math.Min(frames, int.MaxValue);
    }

    /// <summary>Reads <paramref name="frames"/> frames into the beginning of <paramref name="interleaved"/>; full scale is ±1.</summary>
    /// <param name="interleaved">Has room for them: frames × <see cref="Channels"/>.</param>
    /// <param name="frames">1 to what <see cref="Available"/> has just said: more would block.</param>
    /// <returns>Whether samples were lost right before these.</returns>
    /// <exception cref="PortAudioException">The stream is at its end, most likely because the device has gone.</exception>
    public bool Read(Span<float> interleaved, int frames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)frames * Channels, interleaved.Length, nameof(frames));
        int code;
        fixed (float* samples = interleaved)
            code = PortAudioNative.Pa_ReadStream(_stream, samples, new CULong((uint)frames));

        // The samples are good in spite of this code.
        if (code != PortAudioNative.InputOverflowed) PortAudioSession.Check(code, "Pa_ReadStream", "Has the device been pulled?");
        var lost = _overflowSeen || code == PortAudioNative.InputOverflowed;
        if (lost) Overflows++;
        _overflowSeen = false;
        return lost;
    }

    /// <summary>Stops and closes it; that a device which was pulled says "Unanticipated host error" to both does not matter.</summary>
    public void Dispose()
    {
        if (_stream.IsClosed) return;
        if (_started) _ = PortAudioNative.Pa_AbortStream(_stream);
        _stream.Dispose();
    }
}
