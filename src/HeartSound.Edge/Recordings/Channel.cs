using System.Globalization;

namespace HeartSound.Edge.Recordings;

/// <summary>
/// Which channel of a recording is listened to. The default is <see cref="Mix"/>: with two microphones in one chest piece, or one
/// of them dead, the mean still holds the heart, while a fixed first channel may be silence.
/// </summary>
public readonly record struct Channel
{
    private Channel(int number) => Number = number;

    /// <summary>1 is left, 2 is right, and so on; 0 is the mean of all channels.</summary>
    public int Number { get; }

    /// <summary>The mean of all channels; of a mono recording, the recording itself.</summary>
    public static Channel Mix => default;

    public static Channel Left => new(1);

    public static Channel Right => new(2);

    /// <exception cref="ArgumentOutOfRangeException">The number is not 1 to <see cref="RecordingLimits.MaxChannels"/>.</exception>
    public static Channel Numbered(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, RecordingLimits.MaxChannels);
        return new Channel(number);
    }

    /// <summary>Reads <c>mix</c>, <c>left</c>, <c>right</c> in any case, or a number counted from 1.</summary>
    public static bool TryParse(string? text, out Channel channel)
    {
        text = text?.Trim();
        channel = Mix;
        if (string.Equals(text, "mix", StringComparison.OrdinalIgnoreCase)) return true;
        if (string.Equals(text, "left", StringComparison.OrdinalIgnoreCase)) channel = Left;
        else if (string.Equals(text, "right", StringComparison.OrdinalIgnoreCase)) channel = Right;
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= RecordingLimits.MaxChannels) channel = new Channel(number);
        return channel != Mix;
    }

    /// <exception cref="FormatException">The text is none of those that <see cref="TryParse"/> reads.</exception>
    public static Channel Parse(string? text) => TryParse(text, out var channel)
        ? channel
        : throw new FormatException($"the channel is \"{text}\", must be mix, left, right or a number from 1 to {RecordingLimits.MaxChannels}");

    /// <summary>The text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() => Number switch
    {
        0 => "mix",
        1 => "left",
        2 => "right",
        _ => Number.ToString(CultureInfo.InvariantCulture),
    };
}
