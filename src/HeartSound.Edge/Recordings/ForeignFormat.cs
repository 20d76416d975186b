using System.Text.Unicode;

namespace HeartSound.Edge.Recordings;

/// <summary>Recognises by its first bytes what a file is that is no WAV or FLAC, to say what to do about it.</summary>
internal static class ForeignFormat
{
    /// <summary>Lossy sound may have lost what a murmur is made of, so it is never converted silently.</summary>
    private const string Lossy = "note that its compression may have removed quiet murmurs";

    /// <summary>A command that makes the file readable, with its name quoted for a shell.</summary>
    public static string Convert(string path) => $"convert it: ffmpeg -i {Quoted(path)} -c:a pcm_s16le {Quoted(Path.ChangeExtension(path, null) + ".converted.wav")}";

    public static RecordingException Explain(ReadOnlySpan<byte> head, string path)
    {
        var sound = LossySound(head);
        if (sound is not null) return new RecordingException(RecordingFault.Unsupported, path, $"is {sound}, which is not read; {Convert(path)} ({Lossy})");
        sound = OtherSound(head);
        if (sound is not null) return new RecordingException(RecordingFault.Unsupported, path, $"is {sound}, which is not read; {Convert(path)}");
        var other = NotSound(head, path);
        return new RecordingException(RecordingFault.NotARecording, path, other ?? "is not a recording: it does not begin like a WAV or FLAC file; check that it was copied whole");
    }

    private static string? LossySound(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("ID3"u8)) return "MP3";
        if (head.StartsWith("OggS"u8)) return "Ogg (Vorbis or Opus)";
        if (At(head, 4, "ftyp"u8)) return "M4A or MP4 (AAC)";
        if (head.StartsWith("#!AMR"u8)) return "AMR";
        if (At(head, 0, [0x30, 0x26, 0xB2, 0x75])) return "WMA";
        if (At(head, 0, [0x1A, 0x45, 0xDF, 0xA3])) return "WebM or Matroska";
        if (head.Length < 2 || head[0] != 0xFF) return null;
        if ((head[1] & 0xF6) == 0xF0) return "AAC";
        return (head[1] & 0xE0) == 0xE0 && (head[1] & 0x06) != 0 ? "MP3" : null;
    }

    private static string? OtherSound(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("FORM"u8) && (At(head, 8, "AIFF"u8) || At(head, 8, "AIFC"u8))) return "AIFF";
        if (head.StartsWith("caff"u8)) return "Apple CAF";
        if (head.StartsWith(".snd"u8)) return "a Sun AU file";
        if (head.StartsWith("RIFX"u8)) return "a big-endian WAV file (RIFX)";
        return head.StartsWith("riff"u8) ? "Sony Wave64" : null;
    }

    private static string? NotSound(ReadOnlySpan<byte> head, string path)
    {
        var extension = Path.GetExtension(path).ToUpperInvariant();
        if (extension == ".HEA" && IsText(head))
            return "is the header of a WFDB record, not sound; convert the record to WAV with PhysioNet's wfdb2wav, or name the .wav file beside it";
        if (extension == ".DAT" && File.Exists(Path.ChangeExtension(path, ".hea")))
            return "is the data of a WFDB record; convert the record to WAV with PhysioNet's wfdb2wav, or name the .wav file beside it";
        if (head.StartsWith("MATLAB"u8) || At(head, 0, [0x89, 0x48, 0x44, 0x46]))
            return "is a MATLAB or HDF5 file; write its samples as WAV first, in MATLAB with audiowrite";
        if (At(head, 0, [0x93, 0x4E, 0x55, 0x4D])) return "is a NumPy array; write its samples as WAV first, for instance with scipy.io.wavfile.write";
        if (head.StartsWith("PK\u0003\u0004"u8)) return "is a ZIP archive; unpack it first";
        if (At(head, 0, [0x1F, 0x8B])) return "is compressed with gzip; unpack it first";
        if (head.StartsWith("RIFF"u8)) return "is a RIFF file, but holds no WAVE sound (an AVI video, an image); name a recording";
        if (head.StartsWith("version https://git-lfs"u8)) return "is a pointer of Git LFS, not the recording itself; fetch it with git lfs pull";
        return IsText(head) ? "is a text file, not a recording; name a recording" : null;
    }

    private static bool At(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> magic) => head.Length > offset && head[offset..].StartsWith(magic);

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var b in head)
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\r' or (byte)'\n')) return false;

        // The last character may have been cut through.
        var end = head.Length;
        while (end > 0 && head.Length - end < 4 && head[end - 1] >= 0x80) end--;
        return Utf8.IsValid(head[..end]);
    }

    private static string Quoted(string text) => "'" + string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)).Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
