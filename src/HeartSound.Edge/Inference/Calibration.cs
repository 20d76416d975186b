namespace HeartSound.Edge.Inference;

/// <summary>How logits become a decision. Chosen on validation subjects, never on test subjects; part of the manifest.</summary>
public sealed record Calibration
{
    /// <summary>Divides the mean logits before the softmax or the sigmoid; above 0. Makes probabilities mean what they say.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>At or below this probability of an alarm the verdict is a harmless label; 0 to 1.</summary>
    public double AlarmBelow { get; init; } = 0.4;

    /// <summary>At or above this probability of an alarm the verdict is an alarm label; 0 to 1. Between the two the model abstains.</summary>
    public double AlarmAbove { get; init; } = 0.5;

    /// <summary>Where the two sides part when an answer is forced, for figures that know no abstaining; between the other two.</summary>
    public double AlarmThreshold { get; init; } = 0.5;

    /// <summary>With <see cref="ModelOutput.Sigmoid"/>: at or above this probability a label is a finding; above 0 and at most <see cref="AlarmAbove"/>, so that an alarm
    /// has a finding. A label that is not here has <see cref="AlarmThreshold"/>.</summary>
    public IReadOnlyDictionary<string, double>? Thresholds { get; init; }
}
