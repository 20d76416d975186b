namespace HeartSound.Signal;

/// <summary>
/// A synthetic heart under a stethoscope, for demonstrations, tests and training people; not for training networks. One thread.
/// The same options give the same samples however they are read.
/// </summary>
/// <remarks>
/// A beat is S1 (mitral and tricuspid closure), systole, S2 (aortic and pulmonary closure, split by breathing) and diastole. Each closure is
/// a damped tone. Systole shortens with the rate as Weissler et al. 1968 measured. A murmur is noise in 90–350 Hz under an envelope.
/// Without contact the heart is 46 dB down and rumble, handling and the room take its place.
/// </remarks>
public sealed class Simulator
{
    private readonly SimulatorOptions _options;
    private readonly double _secondsPerSample;
    private readonly double _noiseGain;
    private readonly SimulatorNoise _murmurNoise;
    private readonly SimulatorNoise _roomNoise;
    private readonly SimulatorNoise _rumbleNoise;
    private readonly double _contactStep;
    private SimulatorRandom _beats;
    private SimulatorRandom _losses;
    private SimulatorRandom _white;
    private SimulatorBeat _beat;
    private long _position;
    private long _beatStart;
    private long _beatEnd;
    private double _slowDrift;
    private long _lossFrom;
    private long _lossTo;
    private double _contact = 1;

    /// <exception cref="ArgumentException">An option is out of range; the message lists all that are.</exception>
    public Simulator(SimulatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = options.Faults();
        if (faults.Count > 0) throw new ArgumentException(string.Join("; ", faults), nameof(options));

        _options = options;
        _secondsPerSample = 1.0 / options.SampleRateHz;
        _noiseGain = Math.Pow(10, options.NoiseLevelDb / 20) * (options.Level > 0 ? options.Level : 1);
        _contactStep = _secondsPerSample / 0.03; // the bell leaves or meets the skin within 30 ms
        var seeds = new SimulatorRandom(options.Seed);
        _beats = new SimulatorRandom(seeds.Next());
        _losses = new SimulatorRandom(seeds.Next());
        _white = new SimulatorRandom(seeds.Next());
        _murmurNoise = new SimulatorNoise(seeds.Next(), 90, Math.Min(350, options.SampleRateHz * 0.45), options.SampleRateHz);
        _roomNoise = new SimulatorNoise(seeds.Next(), 40, Math.Min(900, options.SampleRateHz * 0.45), options.SampleRateHz);
        _rumbleNoise = new SimulatorNoise(seeds.Next(), 2, 30, options.SampleRateHz);
        ScheduleLoss();
        StartBeat();
    }

    /// <summary>Samples made so far.</summary>
    public long Position => _position;

    /// <summary>Fills <paramref name="samples"/> with the next ones, within ± 1.</summary>
    public void Read(Span<float> samples)
    {
        for (var i = 0; i < samples.Length; i++) samples[i] = (float)Math.Clamp(Next(), -1, 1);
    }

    private double Next()
    {
        if (_position >= _beatEnd) StartBeat();
        if (_position >= _lossTo) ScheduleLoss();

        var time = (_position - _beatStart) * _secondsPerSample;
        var murmurNoise = _murmurNoise.Next();
        var heart = _options.Level * (_beat.Sounds(time) + _options.MurmurLevel * _beat.MurmurEnvelope(time, _options.Murmur) * murmurNoise);
        var room = _noiseGain * (0.7 * _roomNoise.Next() + 0.7 * _white.Normal());
        var rumble = _rumbleNoise.Next();

        var off = HasNoContact();
        _contact = Math.Clamp(_contact + (off ? -_contactStep : _contactStep), 0, 1);
        _position++;
        if (_contact >= 1) return heart + room;

        // 0.005 is −46 dB; the bell in the air rumbles and picks up the room.
        var loss = 1 - _contact;
        var scrape = 4 * _contact * loss * _white.Normal();
        var level = Math.Max(_options.Level, 0.05);
        return heart * (_contact + 0.005 * loss) + room * (1 + loss) + level * loss * 0.15 * rumble + level * 0.5 * scrape;
    }

    private bool HasNoContact()
    {
        var seconds = _position * _secondsPerSample;
        return (seconds >= _options.ContactLossFromSeconds && seconds < _options.ContactLossToSeconds) || (_position >= _lossFrom && _position < _lossTo);
    }

    private void StartBeat()
    {
        var breath = _options.RespirationPerMinute > 0
            ? Math.Sin(2 * Math.PI * _options.RespirationPerMinute / 60 * _position * _secondsPerSample)
            : 0;
        _slowDrift = 0.8 * _slowDrift + 0.6 * _beats.Normal(); // AR(1), variance 1
        var stretch = Math.Clamp(1 + _options.RateVariability * _slowDrift - 0.03 * breath, 0.6, 1.6);
        var seconds = 60 / _options.HeartRateBpm * stretch;
        _beatStart = _position;
        _beatEnd = _position + Math.Max(1, (long)Math.Round(seconds * _options.SampleRateHz));
        _beat = SimulatorBeat.Make(seconds, breath, ref _beats);
    }

    private void ScheduleLoss()
    {
        if (_options.ContactLossesPerMinute <= 0)
        {
            _lossFrom = _lossTo = long.MaxValue;
            return;
        }

        var wait = 2 * _losses.Uniform() * 60 / _options.ContactLossesPerMinute;
        _lossFrom = _position + (long)(wait * _options.SampleRateHz);
        _lossTo = _lossFrom + (long)((1 + 3 * _losses.Uniform()) * _options.SampleRateHz);
    }
}
