namespace HeartSound.Edge.Capture;

/// <summary>
/// Measures how many samples a second a stream delivers, against the monotonic clock, over the last 1.75 s: a fault is seen within 2 s. Allocates nothing
/// after the constructor. Not for several threads.
/// </summary>
internal sealed class RateWatch(int sampleRateHz)
{
    /// <summary>How far off is too far. Crystals are off by 0.01 %, a wrong rate by 8 % (44.1 for 48 kHz) or more.</summary>
    public const double Tolerance = 0.03;

    private const int Steps = 7;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(0.25);

    private readonly Mark[] _marks = new Mark[Steps];
    private int _count;
    private int _next;
    private long _samples;
    private int _largest;
    private double _slack;
    private TimeSpan _marked;

    /// <summary>Over the last span, in samples a second; 0 before there was one.</summary>
    public double MeasuredHz { get; private set; }

    /// <summary>The stream has begun anew. Where samples do not come straight from a card but through a sound server, they may come up to
    /// <paramref name="slackSeconds"/> later than others before them.</summary>
    public void Restart(double slackSeconds)
    {
        _slack = slackSeconds * sampleRateHz;
        Restart();
    }

    /// <summary>Forgets what came before: samples were lost.</summary>
    public void Restart()
    {
        _count = 0;
        _next = 0;
        _samples = 0;
        _largest = 0;
    }

    /// <summary>Says that <paramref name="samples"/> came, all there were, at <paramref name="now"/>, <paramref name="waited"/> after the last look: what came
    /// meanwhile makes no large block of the device's.</summary>
    /// <returns>Whether the rate is right; null when there is nothing new to say.</returns>
    public bool? Add(int samples, TimeSpan now, TimeSpan waited)
    {
        _samples += samples;
        _largest = Math.Max(_largest, samples - (int)(waited.TotalSeconds * sampleRateHz));
        if (_count > 0 && now - _marked < Step) return null;

        // The first mark leaves out what the device had in store when it began.
        bool? right = null;
        if (_count == Steps)
        {
            var oldest = _marks[_next];
            var due = (now - oldest.At).TotalSeconds * sampleRateHz;
            var came = _samples - oldest.Samples;
            MeasuredHz = came / due * sampleRateHz;

            // What comes in large blocks may be one block early or late.
            var largest = _largest;
            for (var i = 0; i < Steps; i++)
            {
                if (i != _next) largest = Math.Max(largest, _marks[i].Largest);
            }

            right = Math.Abs(came - due) <= Math.Max(Tolerance * due, Math.Max(largest, _slack)) || (largest < Step.TotalSeconds * sampleRateHz / 8 && !IsWrongThroughout(now, came < due));
        }

        _marks[_next] = new Mark(now, _samples, _largest);
        _next = (_next + 1) % Steps;
        _count = Math.Min(_count + 1, Steps);
        _marked = now;
        _largest = 0;
        return right;
    }

    /// <summary>Whether all steps but one are off to the same side: a machine that stands still for a moment and then catches up has steps on both sides, a wrong rate
    /// has not. Says nothing of samples that come in large blocks.</summary>
    private bool IsWrongThroughout(TimeSpan now, bool tooFew)
    {
        var wrong = 0;
        for (var i = 0; i < Steps; i++)
        {
            var from = _marks[(_next + i) % Steps];
            var to = i < Steps - 1 ? _marks[(_next + i + 1) % Steps] : new Mark(now, _samples, 0);
            var off = (to.Samples - from.Samples) / ((to.At - from.At).TotalSeconds * sampleRateHz) - 1;
            if ((tooFew ? -off : off) > Tolerance) wrong++;
        }

        return wrong >= Steps - 1;
    }

    private readonly record struct Mark(TimeSpan At, long Samples, int Largest);
}
