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

    /// <summary>Logits whose softmax gives the alarm label this probability.</summary>
    public static float[] Logits(double alarm) => [0, (float)Math.Log(alarm / (1 - alarm))];
}
