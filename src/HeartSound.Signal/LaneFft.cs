using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HeartSound.Signal;

/// <summary>
/// Complex forward FFT in double precision of as many signals at once as a vector has lanes: element <c>n</c> holds sample
/// <c>n</c> of every signal, so each butterfly is a full-width vector operation and lanes never meet. Decimation in frequency, radix 4
/// with one radix-2 pass for odd powers, in place; the result stays in digit-reversed order (<see cref="Position"/>).
/// What is fused is fused explicitly: the bits of a lane depend on no other lane, nor on the vector's width. Not for several threads at once.
/// </summary>
internal sealed class LaneFft
{
    private const int CacheLine = 64;

    private readonly Twiddle[][] _stages; // for each radix-4 pass: factors for j = 0 .. n/4 - 1
    private readonly int[] _positions;
    private readonly byte[] _memory;
    private readonly int _start;

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

        // Vectors that straddle cache lines cost a quarter of the speed (measured), and .NET aligns arrays to 8 bytes only.
        _memory = GC.AllocateArray<byte>(points * Unsafe.SizeOf<Lane>() + CacheLine, pinned: true);
        _start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) & (CacheLine - 1));
    }

    public int Points { get; }

    /// <summary>The signals, <see cref="Points"/> elements, which <see cref="Transform"/> turns into their spectra.</summary>
    public Span<Lane> Signals => MemoryMarshal.Cast<byte, Lane>(_memory.AsSpan(_start, Points * Unsafe.SizeOf<Lane>()));

    /// <summary>Where in <see cref="Signals"/> <see cref="Transform"/> leaves frequency bin <paramref name="k"/>.</summary>
    public int Position(int k) => _positions[k];

    /// <summary>Transforms <see cref="Signals"/> in place.</summary>
    /// <param name="upperHalfIsZero">Takes the upper half of the signals for zero without looking at it.</param>
    public void Transform(bool upperHalfIsZero)
    {
        var x = Signals;
        var n = Points;
        foreach (var stage in _stages)
        {
            if (upperHalfIsZero && n == Points) PaddedStage(x, stage);
            else Stage(x, stage);
            n /= 4;
        }

        if (n == 2) PairStage(x);
    }

    private static void Stage(Span<Lane> x, Twiddle[] twiddles)
    {
        var quarter = twiddles.Length;
        StageOfUnturned(x, quarter);
        for (var j = 1; j < quarter; j++)
        {
            var t = twiddles[j];
            Vector<double> cos1 = new(t.Cos1), sin1 = new(t.Sin1), minus1 = new(-t.Sin1);
            Vector<double> cos2 = new(t.Cos2), sin2 = new(t.Sin2), minus2 = new(-t.Sin2);
            Vector<double> cos3 = new(t.Cos3), sin3 = new(t.Sin3), minus3 = new(-t.Sin3);
            for (var i = j; i < x.Length; i += 4 * quarter)
            {
                ref var a = ref x[i];
                ref var b = ref x[i + quarter];
                ref var c = ref x[i + 2 * quarter];
                ref var d = ref x[i + 3 * quarter];
                Vector<double> acRe = a.Re + c.Re, acIm = a.Im + c.Im, amcRe = a.Re - c.Re, amcIm = a.Im - c.Im;
                Vector<double> bdRe = b.Re + d.Re, bdIm = b.Im + d.Im, bmdRe = b.Re - d.Re, bmdIm = b.Im - d.Im;
                (a.Re, a.Im) = (acRe + bdRe, acIm + bdIm);
                b.SetTurned(amcRe + bmdIm, amcIm - bmdRe, cos1, sin1, minus1);
                c.SetTurned(acRe - bdRe, acIm - bdIm, cos2, sin2, minus2);
                d.SetTurned(amcRe - bmdIm, amcIm + bmdRe, cos3, sin3, minus3);
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
            q.SetTurned(a.Re + b.Im, a.Im - b.Re, new(t.Cos1), new(t.Sin1), new(-t.Sin1));
            x[j + 2 * quarter].SetTurned(a.Re - b.Re, a.Im - b.Im, new(t.Cos2), new(t.Sin2), new(-t.Sin2));
            x[j + 3 * quarter].SetTurned(a.Re - b.Im, a.Im + b.Re, new(t.Cos3), new(t.Sin3), new(-t.Sin3));
        }
    }

    /// <summary>The butterflies with j = 0, whose factors are all 1: a quarter of the last pass but one, and all of the last.</summary>
    private static void StageOfUnturned(Span<Lane> x, int quarter)
    {
        for (var i = 0; i < x.Length; i += 4 * quarter)
        {
            ref var a = ref x[i];
            ref var b = ref x[i + quarter];
            ref var c = ref x[i + 2 * quarter];
            ref var d = ref x[i + 3 * quarter];
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

        /// <summary>Becomes (re, im) turned back by an angle. Fused on purpose, with one rounding fewer: that is faster, and the same bits everywhere.
        /// x64 has it since 2013 and every arm64; a processor without it computes it in software, about fifty times slower.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void SetTurned(Vector<double> re, Vector<double> im, Vector<double> cos, Vector<double> sin, Vector<double> minusSin)
        {
            Re = Vector.FusedMultiplyAdd(im, sin, re * cos);
            Im = Vector.FusedMultiplyAdd(re, minusSin, im * cos);
        }
    }

    /// <summary>Cosine and sine of the angles 2π·m·j/n for m = 1, 2, 3.</summary>
    private readonly struct Twiddle(int j, int n)
    {
        public readonly double Cos1 = Math.Cos(2 * Math.PI * j / n), Sin1 = Math.Sin(2 * Math.PI * j / n);
        public readonly double Cos2 = Math.Cos(4 * Math.PI * j / n), Sin2 = Math.Sin(4 * Math.PI * j / n);
        public readonly double Cos3 = Math.Cos(6 * Math.PI * j / n), Sin3 = Math.Sin(6 * Math.PI * j / n);
    }
}
