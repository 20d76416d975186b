using System.Numerics;

namespace HeartSound.Signal;

/// <summary>
/// Log-mel frames: <c>torchaudio.transforms.MelSpectrogram(n_fft=FftSamples, win_length=FrameSamples, power=2, center=False,
/// norm='slaney', mel_scale='slaney')</c> with a periodic Hann window, then <c>log(max(power, LogFloor))</c>.
/// Keeps no samples between calls, but has its own work space: one instance a thread.
/// </summary>
/// <remarks>
/// Every vector lane is a frame of its own, so nothing is ever shuffled:
/// <code>
/// samples ─(1)→ [hop][frame] ─(2)→ Hann, [n][frame] ─(3)→ FFT ─(4)→ power [bin][frame] ─(5)→ mel ─(6)→ log → destination [band][frame]
/// </code>
/// Lanes without a frame run along as zeros: the bits of a frame do not depend on its lane or on how frames are split into calls.
/// Double precision up to the mel powers: a heart sound's bands lie 60 dB apart, and a float32 FFT (torchaudio's too) smears
/// its rounding of the loud ones over the quiet ones, up to 1.5e-3 in the logarithm.
/// </remarks>
public sealed class LogMel
{
    /// <summary>Frames that are sorted into lanes at once; a multiple of every vector's lanes.</summary>
    private const int BlockFrames = 64;

    private static readonly int Lanes = Vector<double>.Count;

    private readonly FrontEndSpec _spec;
    private readonly MelFilterBank _filters;
    private readonly LaneFft _fft;
    private readonly double[] _hann;
    private readonly double[] _byPhase; // [hop][rowFrames]: sample q·hop + r stands in row r, column q
    private readonly int _rowFrames;
    private readonly int[] _offsets; // of a frame's n-th windowed sample in _byPhase, for frame 0
    private readonly LaneFft.Lane[] _spectrum;
    private readonly (double Re, double Im)[] _unpack; // exp(−2πi·k/FftSamples)
    private readonly Vector<double>[] _power; // [bin], four times the power
    private readonly Vector<double>[] _mel; // [band][2]: what fills one vector of floats
    private readonly float[] _tail = new float[Vector<float>.Count];
    private readonly double _floor;

    /// <exception cref="ArgumentException">The spec has faults; the message lists them all.</exception>
    public LogMel(FrontEndSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Faults() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(spec));
        _spec = spec;
        _filters = new MelFilterBank(spec.SampleRateHz, spec.FftSamples, spec.MelBands, spec.MelLowHz, spec.MelHighHz);
        _floor = spec.LogFloor;

        _hann = new double[spec.FrameSamples + 1]; // an odd frame's last pair is filled up with a zero
        _offsets = new int[_hann.Length];
        _rowFrames = BlockFrames + (spec.FrameSamples - 1) / spec.HopSamples;
        _byPhase = new double[spec.HopSamples * _rowFrames];
        for (var n = 0; n < spec.FrameSamples; n++)
        {
            _hann[n] = 0.5 - 0.5 * Math.Cos(2 * Math.PI * n / spec.FrameSamples);
            _offsets[n] = n % spec.HopSamples * _rowFrames + n / spec.HopSamples;
        }

        _fft = new LaneFft(spec.FftSamples / 2);
        _spectrum = new LaneFft.Lane[_fft.Points];
        _power = new Vector<double>[_fft.Points + 1];
        _mel = new Vector<double>[2 * spec.MelBands];
        _unpack = new (double, double)[_fft.Points / 2 + 1];
        for (var k = 0; k < _unpack.Length; k++) _unpack[k] = (Math.Cos(2 * Math.PI * k / spec.FftSamples), -Math.Sin(2 * Math.PI * k / spec.FftSamples));
    }

    /// <summary>The filters; see <see cref="MelFilterBank.EmptyBands"/>, which are always log(LogFloor).</summary>
    public MelFilterBank Filters => _filters;

    /// <summary>Samples that <paramref name="frames"/> frames are made of; 0 for none.</summary>
    public int SamplesFor(int frames) => frames <= 0 ? 0 : (frames - 1) * _spec.HopSamples + _spec.FftSamples;

    /// <summary>Frame <c>f</c> is made of <c>samples[f·hop .. f·hop + fft)</c>; its band <c>b</c> goes to
    /// <c>destination[b·stride + f]</c>. Other elements of the destination are left alone. Samples must be finite.</summary>
    /// <param name="samples">At least <see cref="SamplesFor"/> <paramref name="frames"/> samples at the spec's rate.</param>
    /// <param name="frames">Frames to make, 0 or more.</param>
    /// <param name="destination">[melBands, stride], natural logarithms of power.</param>
    /// <param name="stride">Elements from one band to the next, at least <paramref name="frames"/>.</param>
    /// <exception cref="ArgumentException">Samples or destination are too short, or the stride is.</exception>
    public void Transform(ReadOnlySpan<float> samples, int frames, Span<float> destination, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, frames);
        if (frames == 0) return;
        if (samples.Length < SamplesFor(frames)) throw new ArgumentException($"{frames} frames need {SamplesFor(frames)} samples, not {samples.Length}", nameof(samples));
        if (destination.Length < (_spec.MelBands - 1) * stride + frames) throw new ArgumentException($"{destination.Length} elements do not hold {_spec.MelBands} bands {stride} apart", nameof(destination));

        // As in torch.stft, a short window sits in the middle. The power does not ask where; only its samples are looked at.
        samples = samples[((_spec.FftSamples - _spec.FrameSamples) / 2)..];
        for (var block = 0; block < frames; block += BlockFrames)
        {
            var count = Math.Min(BlockFrames, frames - block);
            SortByPhase(samples.Slice(block * _spec.HopSamples, (count - 1) * _spec.HopSamples + _spec.FrameSamples)); // Step 1
            for (var frame = 0; frame < count; frame += 2 * Lanes)
            {
                for (var half = 0; half < 2; half++)
                {
                    LoadFrames(frame + half * Lanes); // Step 2
                    _fft.Transform(_spectrum, upperHalfIsZero: _spec.FrameSamples <= _fft.Points); // Step 3
                    TakePower(); // Step 4
                    TakeMel(half); // Step 5
                }

                TakeLogarithm(destination[(block + frame)..], stride, Math.Min(2 * Lanes, count - frame)); // Step 6
            }
        }
    }

    /// <summary>Sample <c>q·hop + r</c> goes to row r, column q. The n-th samples of consecutive frames are then neighbours in a row,
    /// and every sample is moved once, however much frames overlap. What lies beyond the samples is zero.</summary>
    private void SortByPhase(ReadOnlySpan<float> samples)
    {
        var hop = _spec.HopSamples;
        for (var column = 0; column < _rowFrames; column++)
        {
            var start = Math.Min(column * hop, samples.Length);
            var part = samples.Slice(start, Math.Min(hop, samples.Length - start));
            var index = column;
            foreach (var sample in part)
            {
                _byPhase[index] = sample;
                index += _rowFrames;
            }

            for (var row = part.Length; row < hop; row++) _byPhase[row * _rowFrames + column] = 0;
        }
    }

    /// <summary>Windows one frame a lane and packs its even samples as real, its odd ones as imaginary parts.</summary>
    private void LoadFrames(int frame)
    {
        var pairs = (_spec.FrameSamples + 1) / 2;
        for (var n = 0; n < pairs; n++)
        {
            ref var z = ref _spectrum[n];
            z.Re = new Vector<double>(_byPhase, _offsets[2 * n] + frame) * new Vector<double>(_hann[2 * n]);
            z.Im = new Vector<double>(_byPhase, _offsets[2 * n + 1] + frame) * new Vector<double>(_hann[2 * n + 1]);
        }

        _spectrum.AsSpan(pairs).Clear();
    }

    /// <summary>Four times the power of every bin that a filter looks at. With Z the FFT of the packed samples and M its length, the real
    /// FFT is E + W·O at bin k and conj(E − W·O) at M − k, where 2E = Z[k] + conj Z[M−k] and 2O = (Z[k] − conj Z[M−k]) / i.</summary>
    private void TakePower()
    {
        var m = _fft.Points;
        var (first, last) = (_filters.FirstBin, _filters.LastBin);
        var end = Math.Min(m / 2, Math.Max(last, m - first));
        for (var k = Math.Min(first, m - last); k <= end; k++)
        {
            ref var a = ref _spectrum[_fft.Position(k)];
            ref var b = ref _spectrum[_fft.Position((m - k) & (m - 1))];
            Vector<double> evenRe = a.Re + b.Re, evenIm = a.Im - b.Im, oddRe = a.Im + b.Im, oddIm = b.Re - a.Re;
            Vector<double> wRe = new(_unpack[k].Re), wIm = new(_unpack[k].Im);
            Vector<double> turnedRe = oddRe * wRe - oddIm * wIm, turnedIm = oddRe * wIm + oddIm * wRe;
            Vector<double> re = evenRe + turnedRe, im = evenIm + turnedIm;
            _power[k] = re * re + im * im;
            if (m - k > last) continue;
            re = evenRe - turnedRe;
            im = evenIm - turnedIm;
            _power[m - k] = re * re + im * im;
        }
    }

    private void TakeMel(int half)
    {
        var quarter = new Vector<double>(0.25); // _power is four times too large
        for (var band = 0; band < _spec.MelBands; band++)
        {
            var weights = _filters.Weights(band, out var firstBin);
            var power = _power.AsSpan(firstBin, weights.Length);
            var sum = Vector<double>.Zero;
            for (var i = 0; i < weights.Length; i++) sum += power[i] * new Vector<double>(weights[i]);
            _mel[2 * band + half] = sum * quarter;
        }
    }

    private void TakeLogarithm(Span<float> destination, int stride, int frames)
    {
        var floor = new Vector<double>(_floor);
        for (var band = 0; band < _spec.MelBands; band++)
        {
            var log = LogMelLogarithm.Log(Vector.Narrow(Vector.Max(_mel[2 * band], floor), Vector.Max(_mel[2 * band + 1], floor)));
            var target = destination.Slice(band * stride, frames);
            if (frames == Vector<float>.Count)
            {
                log.CopyTo(target);
                continue;
            }

            log.CopyTo(_tail);
            _tail.AsSpan(0, frames).CopyTo(target);
        }
    }
}
