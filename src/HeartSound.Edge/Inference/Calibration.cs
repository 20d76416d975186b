namespace HeartSound.Edge.Inference;

/// <summary>How logits become a decision. Chosen on validation subjects, never on test subjects; part of the manifest.</summary>
public sealed record Calibration
{
    /// <summary>Divides the mean logits before the softmax; above 0. Makes probabilities mean what they say.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>At or below this probability of an alarm the verdict is a harmless label; 0 to 1.</summary>
    public double AlarmBelow { get; init; } = 0.4;

    /// <summary>At or above this probability of an alarm the verdict is an alarm label; 0 to 1. Between the two the model abstains.</summary>
    public double AlarmAbove { get; init; } = 0.5;

    /// <summary>Where the two sides part when an answer is forced, for figures that know no abstaining; between the other two.</summary>
    public double AlarmThreshold { get; init; } = 0.5;
}
