using System.Runtime.Intrinsics;

namespace HeartSound.Signal;

/// <summary>
/// Up to six sections in a row, with their state. The scalar version is the specification. In the vector version each section has
/// a lane and works one sample behind the section before it, so that the lanes do not wait for each other; a block is
/// filled and drained by scalar steps. Every lane does the scalar version's operations in its order, none fused: both agree to the bit.
/// </summary>
internal sealed class BiquadGroup
{
    /// <summary>Three vectors of two lanes: enough additions in flight to hide their latency, few enough for NEON's registers.</summary>
    public const int MaxSections = 6;

    // State below −600 dB of full scale, far above the denormal numbers of double (1e-308) and just above those of the output's float.
    private const double Negligible = 1e-30;

    private readonly int _sections;
    private readonly double[] _b0 = new double[MaxSections];
    private readonly double[] _b1 = new double[MaxSections];
    private readonly double[] _b2 = new double[MaxSections];
    private readonly double[] _a1 = new double[MaxSections];
    private readonly double[] _a2 = new double[MaxSections];
    private readonly double[] _s1 = new double[MaxSections];
    private readonly double[] _s2 = new double[MaxSections];
    private readonly double[] _last = new double[MaxSections]; // each section's latest output, while a block is under way

    public BiquadGroup(ReadOnlySpan<BiquadSection> sections)
    {
        _sections = sections.Length;
        for (var k = 0; k < sections.Length; k++) (_b0[k], _b1[k], _b2[k], _a1[k], _a2[k]) = sections[k];
    }

    /// <summary>Filters in place.</summary>
    public void Process(Span<double> values)
    {
        if (Vector128.IsHardwareAccelerated && _sections > 1 && values.Length >= MaxSections) ProcessVector(values);
        else ProcessScalar(values);
    }

    /// <summary>The specification of <see cref="Process"/>.</summary>
    internal void ProcessScalar(Span<double> values)
    {
        foreach (ref var value in values)
            for (var k = 0; k < _sections; k++) value = Step(k, value);
    }

    /// <summary>As <see cref="ProcessScalar"/>, for at least <see cref="MaxSections"/> values.</summary>
    internal void ProcessVector(Span<double> values)
    {
        var behind = _sections - 1;

        // Step 1: fill. At time t section k takes sample t − k; later sections still wait.
        for (var t = 0; t < behind; t++) StepLanes(0, t, values[t]);

        // Step 2: all sections at once, while there are samples.
        RunLanes(values, behind);

        // Step 3: drain. The first sections have nothing left.
        for (var t = 0; t < behind; t++)
        {
            StepLanes(t + 1, behind, 0);
            values[values.Length - behind + t] = _last[behind];
        }
    }

    public void Reset()
    {
        Array.Clear(_s1);
        Array.Clear(_s2);
    }

    /// <summary>Sets negligible state to zero.</summary>
    public void Settle()
    {
        for (var k = 0; k < _sections; k++)
        {
            if (Math.Abs(_s1[k]) < Negligible) _s1[k] = 0;
            if (Math.Abs(_s2[k]) < Negligible) _s2[k] = 0;
        }
    }

    private double Step(int k, double x)
    {
        var y = _b0[k] * x + _s1[k];
        _s1[k] = _b1[k] * x + _s2[k] - _a1[k] * y;
        _s2[k] = _b2[k] * x - _a2[k] * y;
        return y;
    }

    // Sections first to last, each on what the one before it gave at the previous time; the last goes first.
    private void StepLanes(int first, int last, double input)
    {
        for (var k = last; k >= first; k--) _last[k] = Step(k, k == 0 ? input : _last[k - 1]);
    }

    private void RunLanes(Span<double> values, int behind)
    {
        var (b00, b01, b02) = Load(_b0);
        var (b10, b11, b12) = Load(_b1);
        var (b20, b21, b22) = Load(_b2);
        var (a10, a11, a12) = Load(_a1);
        var (a20, a21, a22) = Load(_a2);
        var (p0, p1, p2) = Load(_s1);
        var (q0, q1, q2) = Load(_s2);
        var (y0, y1, y2) = Load(_last);
        for (var t = behind; t < values.Length; t++)
        {
            var x2 = Vector128.Create(y1[1], y2[0]);
            var x1 = Vector128.Create(y0[1], y1[0]);
            var x0 = Vector128.Create(values[t], y0[0]);
            y0 = b00 * x0 + p0;
            y1 = b01 * x1 + p1;
            y2 = b02 * x2 + p2;
            p0 = b10 * x0 + q0 - a10 * y0;
            p1 = b11 * x1 + q1 - a11 * y1;
            p2 = b12 * x2 + q2 - a12 * y2;
            q0 = b20 * x0 - a20 * y0;
            q1 = b21 * x1 - a21 * y1;
            q2 = b22 * x2 - a22 * y2;
            values[t - behind] = behind switch { 1 => y0[1], 2 => y1[0], 3 => y1[1], 4 => y2[0], _ => y2[1] };
        }

        Store(_s1, p0, p1, p2);
        Store(_s2, q0, q1, q2);
        Store(_last, y0, y1, y2);
    }

    private static (Vector128<double>, Vector128<double>, Vector128<double>) Load(ReadOnlySpan<double> lanes) =>
        (Vector128.Create(lanes), Vector128.Create(lanes[2..]), Vector128.Create(lanes[4..]));

    private static void Store(Span<double> lanes, Vector128<double> v0, Vector128<double> v1, Vector128<double> v2)
    {
        v0.CopyTo(lanes);
        v1.CopyTo(lanes[2..]);
        v2.CopyTo(lanes[4..]);
    }
}
