namespace HeartSound.Native.SndFile;

/// <summary>A sound file cannot be read. The message names the file, libsndfile's reason and what to do.</summary>
public sealed class SndFileException : Exception
{
    public SndFileException()
    {
    }

    public SndFileException(string message)
        : base(message)
    {
    }

    public SndFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
