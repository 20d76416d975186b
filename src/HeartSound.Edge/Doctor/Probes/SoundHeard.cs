using System.Diagnostics;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>What can be said about a second of sound without keeping it. For one thread.</summary>
internal sealed class SoundHeard(int sampleRateHz)
{
    private double _sum;
    private double _squares;
    private float _first;
    private bool _varies;
    private long _began;
    private long _ended;
    private long _behindFirst;

    public long Samples { get; private set; }

    public float Peak { get; private set; }

    /// <summary>Samples at full scale.</summary>
    public int Clipped { get; private set; }

    public bool IsSilent => Samples > 0 && Peak == 0;

    public bool IsStuck => Samples > 0 && !_varies;

    /// <summary>Effective value without the mean, dB of full scale; null for silence.</summary>
    public double? LevelDb => Samples > 0 && Variance > 0 ? 10 * Math.Log10(Variance) : null;

    /// <summary>Samples a second behind the first block; null where too little came to say so.</summary>
    public double? MeasuredHz => _behindFirst > sampleRateHz / 2 && Stopwatch.GetElapsedTime(_began, _ended).TotalSeconds is > 0.4 and var seconds ? _behindFirst / seconds : null;

    private double Variance => Math.Max(0, (_squares / Samples) - (_sum / Samples * _sum / Samples));

    public bool IsEnough(double seconds) => Samples >= sampleRateHz * seconds;

    public void Add(ReadOnlySpan<float> samples)
    {
        _ended = Stopwatch.GetTimestamp();
        if (Samples == 0) (_began, _first) = (_ended, samples[0]);
        else _behindFirst += samples.Length;
        foreach (var sample in samples)
        {
            _varies |= sample != _first;
            _sum += sample;
            _squares += (double)sample * sample;
            Peak = Math.Max(Peak, Math.Abs(sample));
            if (Math.Abs(sample) >= 0.9999f) Clipped++;
        }

        Samples += samples.Length;
    }
}
