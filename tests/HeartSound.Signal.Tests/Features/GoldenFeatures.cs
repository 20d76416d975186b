using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace HeartSound.Signal.Tests.Features;

/// <summary>Reads what tests/golden/features/make_golden.py wrote.</summary>
internal static class GoldenFeatures
{
    public static JsonElement Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(), name)));
        return document.RootElement.Clone();
    }

    public static float[] Floats(this JsonElement element, string property) =>
        MemoryMarshal.Cast<byte, float>(element.GetProperty(property).GetBytesFromBase64()).ToArray();

    public static FrontEndSpec Spec(this JsonElement element, double logFloor = 1e-10)
    {
        var spec = element.GetProperty("spec");
        var rate = spec.GetProperty("sampleRateHz").GetInt32();
        return new FrontEndSpec
        {
            SampleRateHz = rate,
            BandHighHz = 400,
            FftSamples = spec.GetProperty("fftSamples").GetInt32(),
            FrameSamples = spec.GetProperty("frameSamples").GetInt32(),
            HopSamples = spec.GetProperty("hopSamples").GetInt32(),
            MelBands = spec.GetProperty("melBands").GetInt32(),
            MelLowHz = spec.GetProperty("melLowHz").GetDouble(),
            MelHighHz = spec.GetProperty("melHighHz").GetDouble(),
            LogFloor = logFloor,
        };
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "golden", "features"));
}
