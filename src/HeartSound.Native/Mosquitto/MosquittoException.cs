namespace HeartSound.Native.Mosquitto;

/// <summary>libmosquitto refused a call. The message names the call, the native text and what to do.</summary>
public sealed class MosquittoException : Exception
{
    public MosquittoException()
    {
    }

    public MosquittoException(string message)
        : base(message)
    {
    }

    public MosquittoException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
