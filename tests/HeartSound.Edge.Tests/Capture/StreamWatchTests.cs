using HeartSound.Edge.Capture;

namespace HeartSound.Edge.Tests.Capture;

public sealed class StreamWatchTests
{
    private const int Rate = 8000;
    private const int Block = 160; // 20 ms
    private readonly StreamWatch _watch = new(Rate);
    private readonly Random _random = new(1);
    private TimeSpan _now = TimeSpan.FromHours(3);

    public StreamWatchTests() => _watch.Restart(_now, sameTrouble: false, isCard: true);

    [Fact]
    public void Hear_Sound_IsListeningFromTheFirstBlockOn()
    {
        for (var i = 0; i < 500; i++) Assert.Equal(CaptureState.Listening, Hear(Noise(Block)));
        Assert.Equal(Rate, _watch.MeasuredHz, 0.001);
    }

    [Theory]
    [InlineData(0f, CaptureState.Silent)]
    [InlineData(0.5f, CaptureState.Stuck)]
    [InlineData(float.NaN, CaptureState.Stuck)]
    public void Hear_SameValueForASecond_IsAFaultAndOverAtOnce(float value, CaptureState fault)
    {
        Hear(Noise(Block));
        for (var i = 1; i < 50; i++) Assert.Null(Hear(Same(value)));
        Assert.Equal(fault, Hear(Same(value)));
        Assert.Equal(fault, Hear(Same(value)));
        Assert.Equal(CaptureState.Listening, Hear(Noise(Block)));
    }

    [Theory]
    [InlineData(1.00, false)]
    [InlineData(1.02, false)]
    [InlineData(0.98, false)]
    [InlineData(1.04, true)]
    [InlineData(0.96, true)]
    [InlineData(48000.0 / 44100, true)]
    [InlineData(2.0, true)]
    public void Hear_Rate_IsSeenWithinTwoSecondsAndOverAsSoon(double speed, bool fault)
    {
        CaptureState? state = null;
        for (var end = _now + TimeSpan.FromSeconds(2); _now < end;) state = Hear(Noise(Block), speed);
        Assert.Equal(fault ? CaptureState.RateMismatch : CaptureState.Listening, state);
        for (var end = _now + TimeSpan.FromSeconds(2.1); _now < end;) state = Hear(Noise(Block));
        Assert.Equal(CaptureState.Listening, state);
    }

    [Fact]
    public void Hear_LargeBlocksAtTheirOwnPace_AreNoWrongRate()
    {
        for (var i = 0; i < 200; i++)
        {
            var late = TimeSpan.FromMilliseconds(i % 3 * 30);
            _now += TimeSpan.FromSeconds(0.1);
            _watch.IsFrozen(_now + late - TimeSpan.FromMilliseconds(10));
            Assert.Equal(CaptureState.Listening, _watch.Hear(Noise(800), _now + late));
        }
    }

    /// <summary>A sound server that begins to be late, a machine that stands still: neither is a wrong rate.</summary>
    [Theory]
    [InlineData(true, 0.1, false)]
    [InlineData(false, 0.25, false)]
    [InlineData(true, 0.4, true)]
    [InlineData(true, 0.9, true)]
    public void Hear_LateOnce_IsNoWrongRate(bool isCard, double late, bool catchesUp)
    {
        _watch.Restart(_now, sameTrouble: false, isCard);
        for (var i = 0; i < 300; i++)
        {
            if (i == 150)
            {
                _now += TimeSpan.FromSeconds(late);
                if (catchesUp) Assert.Equal(CaptureState.Listening, _watch.Hear(Noise((int)(late * Rate)), _now));
            }

            Assert.Equal(CaptureState.Listening, Hear(Noise(Block)));
        }
    }

    /// <summary>The thread is woken late, now more and now less, as on a machine that is too busy: no sample is lost.</summary>
    [Fact]
    public void Hear_WokenLateAllTheTime_IsNoWrongRate()
    {
        var (due, given) = (_now, (long)(_now.TotalSeconds * Rate));
        for (var i = 0; i < 3000; i++)
        {
            due += TimeSpan.FromSeconds(0.01);
            var woken = due + TimeSpan.FromSeconds(0.15 * _random.NextDouble() * _random.NextDouble());
            if (woken <= _now) continue;
            _now = woken;
            var come = (int)((long)(_now.TotalSeconds * Rate) - given);
            given += come;
            Assert.NotEqual(CaptureState.RateMismatch, _watch.Hear(Noise(come), _now));
        }
    }

    [Fact]
    public void Hear_SoundServerAtHalfTheRate_IsSeenWithinTwoSeconds()
    {
        _watch.Restart(_now, sameTrouble: false, isCard: false);
        CaptureState? state = null;
        for (var end = _now + TimeSpan.FromSeconds(2); _now < end;) state = Hear(Noise(Block), 0.5);
        Assert.Equal(CaptureState.RateMismatch, state);
    }

    [Fact]
    public void Hear_WrongRateAndThisThreadIsLate_IsSeenAllTheSame()
    {
        CaptureState? state = null;
        for (var i = 0; i < 20; i++) state = Hear(Noise(Rate / 5), 1.06); // looks 0.19 s apart
        Assert.Equal(CaptureState.RateMismatch, state);
    }

    [Fact]
    public void Hear_StoreAtTheStart_IsNoWrongRate()
    {
        Hear(Noise(Rate / 2), speed: 25);
        for (var i = 0; i < 200; i++) Assert.Equal(CaptureState.Listening, Hear(Noise(Block)));
    }

    [Fact]
    public void Restart_ToCureAWrongRate_CountsAsWrongUntilARightOneWasMeasured()
    {
        for (var i = 0; i < 100; i++) Hear(Noise(Block), 0.5);
        _watch.Restart(_now, sameTrouble: true, isCard: true);
        Assert.Equal(CaptureState.RateMismatch, Hear(Noise(Block)));
        _watch.Restart(_now, sameTrouble: false, isCard: true);
        Assert.Equal(CaptureState.Listening, Hear(Noise(Block)));
    }

    [Fact]
    public void IsFrozen_NothingForASecond_IsTrueAndLongerAtTheStart()
    {
        Assert.Equal(TimeSpan.FromSeconds(1.8), FrozenAfter());
        Hear(Noise(Block));
        Assert.Equal(TimeSpan.FromSeconds(1), FrozenAfter());
    }

    [Fact]
    public void IsFrozen_ThisProcessSlept_IsFalse()
    {
        Hear(Noise(Block));
        _now += TimeSpan.FromHours(1);
        Assert.False(_watch.IsFrozen(_now));
    }

    [Fact]
    public void Hear_Warm_AllocatesNothing()
    {
        var block = Noise(Block);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                _now += TimeSpan.FromSeconds(0.02);
                _watch.Hear(block, _now);
                _watch.IsFrozen(_now);
            }
        }));
    }

    private TimeSpan FrozenAfter()
    {
        var start = _now;
        while (!_watch.IsFrozen(_now)) _now += TimeSpan.FromSeconds(0.02);
        return _now - start;
    }

    private CaptureState? Hear(float[] samples, double speed = 1)
    {
        _now += TimeSpan.FromSeconds(samples.Length / speed / Rate);
        return _watch.Hear(samples, _now);
    }

    private static float[] Same(float value) => [.. Enumerable.Repeat(value, Block)];

    private float[] Noise(int samples) => [.. Enumerable.Range(0, samples).Select(_ => _random.NextSingle() - 0.5f)];
}
