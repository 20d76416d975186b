using System.Numerics;

namespace HeartSound.Signal;

/// <summary>Butterworth filters as second-order sections. As one transfer function, a 25–400 Hz band-pass cannot be kept
/// in floating point: its poles crowd near z = 1.</summary>
public static class Butterworth
{
    /// <summary>
    /// A band-pass with the response of <c>scipy.signal.butter(order, [lowHz, highHz], 'bandpass', fs=sampleRateHz, output='sos')</c>:
    /// −3 dB at both edges, gain 1 at their (warped) geometric mean. Every section has its zeros at 0 Hz and at half the sample rate and
    /// gain 1 at that same frequency, so that none overloads; the least resonant comes first.
    /// </summary>
    /// <param name="order">Order of the low-pass prototype and number of sections, 1 to 12.</param>
    /// <param name="lowHz">Lower edge, above 0.</param>
    /// <param name="highHz">Upper edge, above <paramref name="lowHz"/> and below half the sample rate.</param>
    /// <param name="sampleRateHz">Sample rate, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static BiquadSection[] BandPass(int order, double lowHz, double highHz, int sampleRateHz)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 12);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRateHz);
        if (!(lowHz > 0 && lowHz < highHz)) throw new ArgumentOutOfRangeException(nameof(lowHz), lowHz, "The lower edge lies above 0 and below the upper edge.");
        if (!(highHz < sampleRateHz / 2.0)) throw new ArgumentOutOfRangeException(nameof(highHz), highHz, "The upper edge lies below half the sample rate.");

        // Step 1: the edges, prewarped so that the bilinear transform s = (z − 1) / (z + 1) puts them where they belong.
        var low = Math.Tan(Math.PI * lowHz / sampleRateHz);
        var high = Math.Tan(Math.PI * highHz / sampleRateHz);
        var centre = Math.Sqrt(low * high);
        var atCentre = ToDigital(new Complex(0, centre));

        // Step 2: the prototype's poles lie on the left half of the unit circle. Of a conjugate pair the upper one is
        // enough: it becomes two band-pass poles, and each makes a section with its own conjugate.
        var sections = new List<(double Radius, BiquadSection Section)>(order);
        for (var k = 0; k < order / 2; k++)
        {
            var (first, second) = ToBandPass(Complex.FromPolarCoordinates(1, Math.PI * (order + 1 + 2 * k) / (2 * order)), low, high);
            sections.Add(Section(first, Complex.Conjugate(first), atCentre));
            sections.Add(Section(second, Complex.Conjugate(second), atCentre));
        }

        // Step 3: an odd order has one real pole, −1, whose two band-pass poles share a section.
        if (order % 2 == 1)
        {
            var (first, second) = ToBandPass(-Complex.One, low, high);
            sections.Add(Section(first, second, atCentre));
        }

        return [.. sections.OrderBy(s => s.Radius).Select(s => s.Section)];
    }

    // Low-pass to band-pass, s → (s² + centre²) / (s · width), and on to the z plane.
    private static (Complex First, Complex Second) ToBandPass(Complex pole, double low, double high)
    {
        var middle = pole * ((high - low) / 2);
        var root = Complex.Sqrt(middle * middle - low * high);
        return (ToDigital(middle + root), ToDigital(middle - root));
    }

    private static Complex ToDigital(Complex s) => (1 + s) / (1 - s);

    private static (double Radius, BiquadSection Section) Section(Complex pole, Complex other, Complex atCentre)
    {
        var gain = ((atCentre - pole) * (atCentre - other)).Magnitude / (atCentre * atCentre - 1).Magnitude;
        var section = new BiquadSection(gain, 0, -gain, -(pole + other).Real, (pole * other).Real);
        return (Math.Max(pole.Magnitude, other.Magnitude), section);
    }
}
