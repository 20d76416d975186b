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
/// samples ─(1)→ [phase][frame] ─(2)→ Hann, [n][frame] ─(3)→ FFT ─(4)→ power [bin][frame] ─(5)→ mel ─(6)→ log → destination [band][frame]
/// </code>
/// Lanes without a frame run along as zeros: the bits of a frame do not depend on its lane or on how frames are split into calls.
/// Double precision up to the power: a heart sound's bands lie 60 dB apart, and a float32 FFT (torchaudio's too) smears
/// its rounding of the loud ones over the quiet ones, up to 1.5e-3 in the logarithm.
/// </remarks>
public sealed class LogMel
{
    /// <summary>Frames that are sorted into lanes at once; a multiple of every vector's lanes.</summary>
    private const int BlockFrames = 64;

    /// <summary>A band's bins are taken four at a time, filled up with weight 0: the default spec's bands have two to four, and a
    /// loop that runs as often as it must is mispredicted.</summary>
    private const int BinGroup = 4;

    private static readonly int Lanes = Vector<double>.Count;

    private readonly FrontEndSpec _spec;
    private readonly MelFilterBank _filters;
    private readonly LaneFft _fft;
    private readonly double[] _byPhase; // [hop][rowFrames]: sample q·hop + r stands in row r, column q
    private readonly int _rowFrames;
    private readonly Tap[] _taps; // two a packed pair of samples
    private readonly Bin[] _bins;
    private readonly Vector<double>[] _firstPower; // [bin], power × 4, until the second half of a float vector's frames is there
    private readonly Vector<float>[] _power; // [bin], power × 4
    private readonly Band[] _bands;
    private readonly float[] _weights;
    private readonly float[] _tail = new float[Vector<float>.Count];
    private readonly Vector<float> _floor;

    /// <exception cref="ArgumentException">The spec has faults; the message lists them all.</exception>
    public LogMel(FrontEndSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Faults() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(spec));
        _spec = spec;
        _filters = new MelFilterBank(spec.SampleRateHz, spec.FftSamples, spec.MelBands, spec.MelLowHz, spec.MelHighHz);
        _floor = new Vector<float>((float)spec.LogFloor);

        _rowFrames = BlockFrames + (spec.FrameSamples - 1) / spec.HopSamples;
        _byPhase = new double[spec.HopSamples * _rowFrames];
        _taps = new Tap[spec.FrameSamples + spec.FrameSamples % 2]; // an odd frame's last pair is filled up with weight 0
        for (var n = 0; n < spec.FrameSamples; n++)
        {
            _taps[n] = new Tap(n % spec.HopSamples * _rowFrames + n / spec.HopSamples, 0.5 - 0.5 * Math.Cos(2 * Math.PI * n / spec.FrameSamples));
        }

        _fft = new LaneFft(spec.FftSamples / 2);
        _firstPower = new Vector<double>[_fft.Points + 1];
        _power = new Vector<float>[_fft.Points + BinGroup];
        _bins = BinsToUnpack();
        (_bands, _weights) = PackedFilters();
    }

    /// <summary>The filters; see <see cref="MelFilterBank.EmptyBands"/>, which are always log(LogFloor).</summary>
    public MelFilterBank Filters => _filters;

    private bool UpperHalfIsZero => _spec.FrameSamples <= _fft.Points;

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
                    _fft.Transform(UpperHalfIsZero); // Step 3
                    TakePower(isSecondHalf: half == 1); // Step 4
                }

                TakeLogMel(destination[(block + frame)..], stride, Math.Min(2 * Lanes, count - frame)); // Steps 5 and 6
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
        var samples = _byPhase.AsSpan(frame);
        var taps = _taps;
        var signals = _fft.Signals[..(taps.Length / 2)];
        for (var n = 0; n < signals.Length; n++)
        {
            ref readonly var even = ref taps[2 * n];
            ref readonly var odd = ref taps[2 * n + 1];
            signals[n].Re = new Vector<double>(samples[even.Offset..]) * new Vector<double>(even.Weight);
            signals[n].Im = new Vector<double>(samples[odd.Offset..]) * new Vector<double>(odd.Weight);
        }

        _fft.Signals[signals.Length..(UpperHalfIsZero ? _fft.Points / 2 : _fft.Points)].Clear();
    }

    /// <summary>Four times the power of every bin that a filter looks at. With Z the FFT of the packed samples and M its length, the real
    /// FFT is E + W·O at bin k and conj(E − W·O) at M − k, where 2E = Z[k] + conj Z[M−k] and 2O = (Z[k] − conj Z[M−k]) / i.</summary>
    private void TakePower(bool isSecondHalf)
    {
        var spectrum = _fft.Signals;
        foreach (ref readonly var bin in _bins.AsSpan())
        {
            ref var a = ref spectrum[bin.Position];
            ref var b = ref spectrum[bin.MirrorPosition];
            Vector<double> evenRe = a.Re + b.Re, evenIm = a.Im - b.Im;
            LaneFft.Lane turned = default;
            turned.SetTurned(a.Im + b.Im, b.Re - a.Re, new(bin.Cos), new(bin.Sin), new(-bin.Sin));
            Store(bin.Index, Power(evenRe + turned.Re, evenIm + turned.Im), isSecondHalf);
            if (bin.Mirror >= 0) Store(bin.Mirror, Power(evenRe - turned.Re, evenIm - turned.Im), isSecondHalf);
        }
    }

    private static Vector<double> Power(Vector<double> re, Vector<double> im) => Vector.FusedMultiplyAdd(re, re, im * im);

    private void Store(int bin, Vector<double> power, bool isSecondHalf)
    {
        if (isSecondHalf) _power[bin] = Vector.Narrow(_firstPower[bin], power);
        else _firstPower[bin] = power;
    }

    private void TakeLogMel(Span<float> destination, int stride, int frames)
    {
        var weights = _weights.AsSpan();
        for (var band = 0; band < _bands.Length; band++)
        {
            var power = _power.AsSpan(_bands[band].FirstBin, _bands[band].Bins);
            var sum = Vector<float>.Zero;
            for (; power.Length >= BinGroup; power = power[BinGroup..], weights = weights[BinGroup..])
            {
                sum += power[0] * new Vector<float>(weights[0]) + power[1] * new Vector<float>(weights[1])
                    + (power[2] * new Vector<float>(weights[2]) + power[3] * new Vector<float>(weights[3]));
            }

            var log = LogMelLogarithm.Log(Vector.Max(sum, _floor));
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

    private Bin[] BinsToUnpack()
    {
        var m = _fft.Points;
        var (first, last) = (_filters.FirstBin, _filters.LastBin);
        var bins = new List<Bin>();
        for (var k = 0; k <= m / 2; k++)
        {
            var (needed, mirrorNeeded) = (k >= first && k <= last, m - k >= first && m - k <= last);
            if (!needed && !mirrorNeeded) continue;
            var (sin, cos) = Math.SinCos(2 * Math.PI * k / _spec.FftSamples);
            bins.Add(new Bin(k, mirrorNeeded ? m - k : -1, _fft.Position(k), _fft.Position((m - k) % m), cos, sin));
        }

        return [.. bins];
    }

    private (Band[] Bands, float[] Weights) PackedFilters()
    {
        var bands = new Band[_spec.MelBands];
        var packed = new List<float>();
        for (var band = 0; band < bands.Length; band++)
        {
            var weights = _filters.Weights(band, out var firstBin);
            var groups = (weights.Length + BinGroup - 1) / BinGroup;
            bands[band] = new Band(weights.IsEmpty ? 0 : firstBin, groups * BinGroup);
            foreach (var weight in weights) packed.Add((float)(0.25 * weight)); // _power is four times too large
            for (var i = weights.Length; i < groups * BinGroup; i++) packed.Add(0);
        }

        return (bands, [.. packed]);
    }

    /// <summary>A sample of a frame: where it stands in <see cref="_byPhase"/> for frame 0, and its weight in the Hann window.</summary>
    private readonly record struct Tap(int Offset, double Weight);

    /// <summary>A bin of the real FFT, its mirror image about FftSamples / 4 (−1 where not needed), their places in the packed FFT, and
    /// cosine and sine of 2π·Index/FftSamples.</summary>
    private readonly record struct Bin(int Index, int Mirror, int Position, int MirrorPosition, double Cos, double Sin);

    private readonly record struct Band(int FirstBin, int Bins);
}
