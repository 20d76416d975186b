using HeartSound.Edge.Inference;

namespace HeartSound.Edge.Tests.Pipeline;

/// <summary>Manifests for tests.</summary>
internal static class Manifests
{
    /// <summary>Two labels, abstaining between 0.4 and 0.6, everything else as it is by default.</summary>
    public static ModelManifest TwoLabels { get; } = new()
    {
        Schema = 1,
        Id = "test",
        Version = "1",
        Labels = ["normal", "abnormal"],
        AlarmLabels = ["abnormal"],
        Calibration = new Calibration { AlarmBelow = 0.4, AlarmThreshold = 0.5, AlarmAbove = 0.6 },
    };

    /// <summary>One normal label and four diseases, of which one holds; the same band.</summary>
    public static ModelManifest FiveLabels { get; } = TwoLabels with { Labels = ["N", "AS", "MR", "MS", "MVP"], AlarmLabels = ["AS", "MR", "MS", "MVP"] };

    /// <summary>Three findings that may hold together, one of them harmless; the same band.</summary>
    public static ModelManifest Findings { get; } = TwoLabels with
    {
        Labels = ["AS", "MR", "innocent"],
        AlarmLabels = ["AS", "MR"],
        Output = ModelOutput.Sigmoid,
        Calibration = TwoLabels.Calibration with { Thresholds = new Dictionary<string, double> { ["MR"] = 0.3 } },
    };

    /// <summary>Logits whose softmax, or sigmoid, gives these probabilities.</summary>
    public static float[] Softmax(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    /// <inheritdoc cref="Softmax"/>
    public static float[] Sigmoid(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p / (1 - p)))];

    /// <summary>Logits whose softmax gives the alarm label this probability.</summary>
    public static float[] Logits(double alarm) => [0, (float)Math.Log(alarm / (1 - alarm))];
}
