using System.Numerics;

namespace HeartSound.Signal;

/// <summary>
/// Complex forward FFT in double precision of as many signals at once as a vector has lanes: element <c>n</c> holds sample
/// <c>n</c> of every signal, so each butterfly is a full-width vector operation and lanes never meet. Decimation in frequency, radix 4
/// with one radix-2 pass for odd powers, in place; the result stays in digit-reversed order (<see cref="Position"/>).
/// Only additions and multiplications without contraction: the bits of a lane depend on no other lane and not on the vector's width.
/// </summary>
internal sealed class LaneFft
{
    private readonly Twiddle[][] _stages; // for each radix-4 pass: factors for j = 0 .. n/4 - 1
    private readonly int[] _positions;

    /// <param name="points">A power of two, at least 4.</param>
    public LaneFft(int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 4);
        ArgumentOutOfRangeException.ThrowIfNotEqual(int.IsPow2(points), true, nameof(points));
        Points = points;
        var stages = new List<Twiddle[]>();
        for (var n = points; n >= 4; n /= 4)
        {
            var stage = new Twiddle[n / 4];
            for (var j = 0; j < stage.Length; j++) stage[j] = new Twiddle(j, n);
            stages.Add(stage);
        }

        _stages = [.. stages];
        _positions = new int[points];
        for (var k = 0; k < points; k++) _positions[k] = PositionOf(k, points);
    }

    public int Points { get; }

    /// <summary>Where <see cref="Transform"/> leaves frequency bin <paramref name="k"/>.</summary>
    public int Position(int k) => _positions[k];

    /// <summary>Transforms <paramref name="x"/>, of <see cref="Points"/> elements, in place.</summary>
    /// <param name="x">The signals.</param>
    /// <param name="upperHalfIsZero">Promises that <c>x[Points/2 ..]</c> is zero; it is then not read.</param>
    public void Transform(Span<Lane> x, bool upperHalfIsZero)
    {
        x = x[..Points];
        var n = Points;
        foreach (var stage in _stages)
        {
            if (upperHalfIsZero && n == Points) PaddedStage(x, stage);
            else if (n == 4) LastStage(x);
            else Stage(x, stage);
            n /= 4;
        }

        if (n == 2) PairStage(x);
    }

    private static void Stage(Span<Lane> x, Twiddle[] twiddles)
    {
        var quarter = twiddles.Length;
        for (var j = 0; j < quarter; j++)
        {
            var t = twiddles[j];
            Vector<double> r1 = new(t.Re1), i1 = new(t.Im1), r2 = new(t.Re2), i2 = new(t.Im2), r3 = new(t.Re3), i3 = new(t.Im3);
            for (var i = j; i < x.Length; i += 4 * quarter)
            {
                ref var a = ref x[i];
                ref var b = ref x[i + quarter];
                ref var c = ref x[i + 2 * quarter];
                ref var d = ref x[i + 3 * quarter];
                Vector<double> acRe = a.Re + c.Re, acIm = a.Im + c.Im, amcRe = a.Re - c.Re, amcIm = a.Im - c.Im;
                Vector<double> bdRe = b.Re + d.Re, bdIm = b.Im + d.Im, bmdRe = b.Re - d.Re, bmdIm = b.Im - d.Im;
                (a.Re, a.Im) = (acRe + bdRe, acIm + bdIm);
                b.SetProduct(amcRe + bmdIm, amcIm - bmdRe, r1, i1);
                c.SetProduct(acRe - bdRe, acIm - bdIm, r2, i2);
                d.SetProduct(amcRe - bmdIm, amcIm + bmdRe, r3, i3);
            }
        }
    }

    /// <summary>The first pass when the elements c and d of every butterfly are zero.</summary>
    private static void PaddedStage(Span<Lane> x, Twiddle[] twiddles)
    {
        var quarter = twiddles.Length;
        for (var j = 0; j < quarter; j++)
        {
            var t = twiddles[j];
            ref var p = ref x[j];
            ref var q = ref x[j + quarter];
            Lane a = p, b = q;
            (p.Re, p.Im) = (a.Re + b.Re, a.Im + b.Im);
            q.SetProduct(a.Re + b.Im, a.Im - b.Re, new(t.Re1), new(t.Im1));
            x[j + 2 * quarter].SetProduct(a.Re - b.Re, a.Im - b.Im, new(t.Re2), new(t.Im2));
            x[j + 3 * quarter].SetProduct(a.Re - b.Im, a.Im + b.Re, new(t.Re3), new(t.Im3));
        }
    }

    private static void LastStage(Span<Lane> x)
    {
        for (var i = 0; i < x.Length; i += 4)
        {
            ref var a = ref x[i];
            ref var b = ref x[i + 1];
            ref var c = ref x[i + 2];
            ref var d = ref x[i + 3];
            Vector<double> acRe = a.Re + c.Re, acIm = a.Im + c.Im, amcRe = a.Re - c.Re, amcIm = a.Im - c.Im;
            Vector<double> bdRe = b.Re + d.Re, bdIm = b.Im + d.Im, bmdRe = b.Re - d.Re, bmdIm = b.Im - d.Im;
            (a.Re, a.Im) = (acRe + bdRe, acIm + bdIm);
            (b.Re, b.Im) = (amcRe + bmdIm, amcIm - bmdRe);
            (c.Re, c.Im) = (acRe - bdRe, acIm - bdIm);
            (d.Re, d.Im) = (amcRe - bmdIm, amcIm + bmdRe);
        }
    }

    private static void PairStage(Span<Lane> x)
    {
        for (var i = 0; i < x.Length; i += 2)
        {
            ref var p = ref x[i];
            ref var q = ref x[i + 1];
            Lane a = p, b = q;
            (p.Re, p.Im) = (a.Re + b.Re, a.Im + b.Im);
            (q.Re, q.Im) = (a.Re - b.Re, a.Im - b.Im);
        }
    }

    private static int PositionOf(int k, int n) => n switch
    {
        1 => 0,
        2 => k,
        _ => k % 4 * (n / 4) + PositionOf(k / 4, n / 4),
    };

    /// <summary>One complex number for each lane.</summary>
    internal struct Lane
    {
        public Vector<double> Re;
        public Vector<double> Im;

        public void SetProduct(Vector<double> re, Vector<double> im, Vector<double> factorRe, Vector<double> factorIm)
        {
            Re = re * factorRe - im * factorIm;
            Im = re * factorIm + im * factorRe;
        }
    }

    /// <summary>exp(−2πi·m·j/n) for m = 1, 2, 3.</summary>
    private readonly struct Twiddle(int j, int n)
    {
        public readonly double Re1 = Math.Cos(2 * Math.PI * j / n), Im1 = -Math.Sin(2 * Math.PI * j / n);
        public readonly double Re2 = Math.Cos(4 * Math.PI * j / n), Im2 = -Math.Sin(4 * Math.PI * j / n);
        public readonly double Re3 = Math.Cos(6 * Math.PI * j / n), Im3 = -Math.Sin(6 * Math.PI * j / n);
    }
}
