namespace HeartSound.Native.Gpiod;

/// <summary>A GPIO chip or line cannot be used. The message names the operation, errno's text and what to do.</summary>
public sealed class GpioException : Exception
{
    public GpioException()
    {
    }

    public GpioException(string message)
        : base(message)
    {
    }

    public GpioException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal GpioException(GpioFault fault, string message, int errno = 0)
        : base(message)
    {
        Fault = fault;
        Errno = errno;
    }

    /// <summary>What programs may ask for.</summary>
    public GpioFault Fault { get; } = GpioFault.Failed;

    /// <summary>The system's error number; 0 where no call failed.</summary>
    public int Errno { get; }
}
