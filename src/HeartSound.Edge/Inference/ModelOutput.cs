namespace HeartSound.Edge.Inference;

/// <summary>How a model's logits become probabilities.</summary>
public enum ModelOutput
{
    /// <summary>One label holds: probabilities add up to 1.</summary>
    Softmax,

    /// <summary>Each label is a finding of its own, and none means normal: probabilities are independent.</summary>
    Sigmoid,
}
