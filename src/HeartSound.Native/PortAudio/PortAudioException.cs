namespace HeartSound.Native.PortAudio;

/// <summary>PortAudio refused something. The message names the operation, PortAudio's code and text, and what to do.</summary>
public sealed class PortAudioException : Exception
{
    public PortAudioException()
    {
    }

    public PortAudioException(string message)
        : base(message)
    {
    }

    public PortAudioException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal PortAudioException(string operation, int code, string text, string advice)
        : base($"{operation} failed: {text} (PortAudio code {code}). {advice}") => Code = code;

    /// <summary><c>PaErrorCode</c>; 0 when it is not known.</summary>
    public int Code { get; }

    /// <summary>The device cannot do the sample rate that was asked for.</summary>
    public bool IsInvalidSampleRate => Code == PortAudioNative.InvalidSampleRate;

    /// <summary>The device cannot do the number of channels that was asked for.</summary>
    public bool IsInvalidChannelCount => Code == PortAudioNative.InvalidChannelCount;
}
