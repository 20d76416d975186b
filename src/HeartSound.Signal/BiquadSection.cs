namespace HeartSound.Signal;

/// <summary>A second-order filter section <c>(b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²)</c>; a row of scipy's <c>sos</c> without its a0 = 1.</summary>
public readonly record struct BiquadSection(double B0, double B1, double B2, double A1, double A2);
