using System.Globalization;

namespace HeartSound.Edge.Recordings;

/// <summary>What a recording must keep to, whatever the file's format.</summary>
public static class RecordingLimits
{
    /// <summary>Heart sounds reach to some hundred hertz: half of less than this holds none of the murmurs.</summary>
    public const int MinSampleRateHz = 500;

    public const int MaxSampleRateHz = 192_000;

    public const int MaxChannels = 32;

    /// <summary>Longer than any auscultation; a longer file has a wrong header or is not one.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromHours(12);

    /// <exception cref="RecordingException">One of the numbers is out of range, or the channel is not there.</exception>
    internal static void Check(string path, long sampleRateHz, int channels, long samples, Channel channel)
    {
        RecordingException Fault(RecordingFault kind, FormattableString text)
            => new(kind, path, text.ToString(CultureInfo.InvariantCulture));

        if (sampleRateHz <= 0) throw Fault(RecordingFault.Corrupt, $"is corrupt: its header gives a sample rate of {sampleRateHz} Hz; export it again from where it came from");
        if (sampleRateHz is < MinSampleRateHz or > MaxSampleRateHz)
            throw Fault(RecordingFault.Unsupported, $"has a sample rate of {sampleRateHz} Hz, must be {MinSampleRateHz} to {MaxSampleRateHz}; record it with another rate or correct its header");
        if (channels <= 0) throw Fault(RecordingFault.Corrupt, $"is corrupt: its header gives {channels} channels; export it again from where it came from");
        if (channels > MaxChannels) throw Fault(RecordingFault.Unsupported, $"has {channels} channels, at most {MaxChannels} are read; export the one with the heart sound");
        if (samples <= 0) throw Fault(RecordingFault.Empty, $"holds no samples: the recording was stopped before it began, or the header lost its size; record it again");
        if (samples > MaxDuration.TotalSeconds * sampleRateHz)
            throw Fault(RecordingFault.TooLong, $"lasts {samples / (double)sampleRateHz / 3600:0.0} hours, at most {MaxDuration.TotalHours:0} are read; cut it into parts");
        if (channel.Number > channels)
            throw Fault(RecordingFault.NoSuchChannel, $"has {(channels == 1 ? "one channel" : $"{channels} channels")}, but channel {channel.Number} ({channel}) was asked for; ask for mix or a number from 1 to {channels}");
    }
}
