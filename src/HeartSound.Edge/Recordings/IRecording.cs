namespace HeartSound.Edge.Recordings;

/// <summary>An open recording, read once from its start to its end as one channel. For one thread; the caller disposes it.</summary>
public interface IRecording : IDisposable
{
    /// <summary>As it was given to <see cref="RecordingReader.Open"/>.</summary>
    string Path { get; }

    /// <summary><see cref="RecordingLimits.MinSampleRateHz"/> to <see cref="RecordingLimits.MaxSampleRateHz"/>.</summary>
    int SampleRateHz { get; }

    /// <summary>Channels in the file, 1 to <see cref="RecordingLimits.MaxChannels"/>; <see cref="Read"/> yields one.</summary>
    int Channels { get; }

    /// <summary>Samples of each channel, at least 1: what <see cref="Read"/> yields in all.</summary>
    long Samples { get; }

    /// <summary>For people, such as "WAV PCM 16-bit".</summary>
    string Format { get; }

    /// <summary>What is odd about the file although it can be read, such as that its end is missing; null when nothing is.</summary>
    string? Warning { get; }

    /// <summary>
    /// Fills <paramref name="mono"/> with the next samples, full scale being ±1 (float recordings may exceed it, or hold NaN and
    /// infinities, which are passed on). Returns how many; fewer than asked only at the end, then 0.
    /// </summary>
    /// <exception cref="RecordingException">The file can no longer be read, or is corrupt from here on.</exception>
    int Read(Span<float> mono);
}
