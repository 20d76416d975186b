namespace HeartSound.Edge.Recordings;

/// <summary>Opens recordings: WAV (PCM 8 to 32-bit, float, RF64) here, FLAC through libsndfile. Files are told apart by their bytes, never by their names.</summary>
public static class RecordingReader
{
    /// <summary>Enough to recognise a format, and to tell text from bytes.</summary>
    private const int HeadBytes = 512;

    /// <summary>Reads the header; the samples follow with <see cref="IRecording.Read"/>. The caller disposes the result.</summary>
    /// <exception cref="RecordingException">The file is missing, unreadable, of another format, corrupt, empty or out of limits.</exception>
    public static IRecording Open(string path, Channel channel = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var file = FileBytes.Open(path);
        try
        {
            Span<byte> buffer = stackalloc byte[HeadBytes];
            var head = FileBytes.ReadStart(file, buffer, path);
            if (IsWav(head)) return new WavRecording(file, path, channel);
            if (!head.StartsWith("fLaC"u8)) throw ForeignFormat.Explain(head, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return new FlacRecording(path, channel);
    }

    private static bool IsWav(ReadOnlySpan<byte> head)
        => (head.StartsWith("RIFF"u8) || head.StartsWith("RF64"u8) || head.StartsWith("BW64"u8)) && head.Length >= 12 && head[8..].StartsWith("WAVE"u8);
}
