namespace HeartSound.Native.OnnxRuntime;

/// <summary>The native library or a model cannot be used. The message names the file, what is wrong with it and what to do.</summary>
public sealed class OnnxRuntimeException : Exception
{
    public OnnxRuntimeException()
    {
    }

    public OnnxRuntimeException(string message)
        : base(message)
    {
    }

    public OnnxRuntimeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
