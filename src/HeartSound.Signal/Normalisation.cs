namespace HeartSound.Signal;

/// <summary>How a window of log-mel features is brought to a common level before the network sees it.</summary>
public enum Normalisation
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>One mean and one standard deviation over all bands and frames of the window.</summary>
    Window,

    /// <summary>A mean and a standard deviation for each mel band, over the frames of the last
    /// <see cref="FrontEndSpec.NormalisationSeconds"/> up to the window's end. Takes out the sensor's colour.</summary>
    Band,
}
