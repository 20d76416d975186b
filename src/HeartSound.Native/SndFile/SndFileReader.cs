using System.Runtime.InteropServices;

namespace HeartSound.Native.SndFile;

/// <summary>
/// Reads a sound file, FLAC above all, with libsndfile, front to back. Not safe for use by several threads at once; the caller disposes it.
/// </summary>
public sealed unsafe class SndFileReader : IDisposable
{
    // SF_COUNT_MAX, which libsndfile gives when a FLAC's header does not say how long it is.
    private const long UnknownFrames = long.MaxValue;

    // libsndfile keeps the error of a failed sf_open in one variable for the whole process.
    private static readonly Lock OpenGate = new();

    private readonly SndFileHandle _file;
    private readonly string _path;
    private long _position;

    /// <param name="path">The file; a relative path is taken from the current directory.</param>
    /// <exception cref="SndFileException">libsndfile does not know the format, or the header is damaged.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    /// <exception cref="NativeLibraryMissingException">libsndfile is not installed.</exception>
    public SndFileReader(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // The full path, because libsndfile takes "-" for standard input; opened here first for a good error.
        _path = Path.GetFullPath(path);
        File.OpenHandle(_path).Dispose();
        var info = default(SndFileNative.Info);
        lock (OpenGate)
        {
            var file = SndFileNative.sf_open(_path, SndFileNative.ReadMode, ref info);
            if (file == 0)
                throw new SndFileException($"{_path} cannot be read as sound: {Text(SndFileNative.sf_error(0))} Is it a whole FLAC file? (flac --test shows it.)");
            _file = new SndFileHandle(file);
        }

        SampleRateHz = info.SampleRate;
        Channels = info.Channels;
        Frames = info.Frames == UnknownFrames ? -1 : info.Frames;
    }

    /// <summary>In hertz, as the header says.</summary>
    public int SampleRateHz { get; }

    public int Channels { get; }

    /// <summary>Samples per channel (libsndfile's word is frames), as the header says; -1 when it does not.</summary>
    public long Frames { get; }

    /// <summary>Reads on, channel by channel interleaved, full scale being ±1; integers become float32 without rounding up to 24 bits.</summary>
    /// <param name="interleaved">Its length is a multiple of <see cref="Channels"/>.</param>
    /// <returns>How many samples per channel were written; 0 at the end.</returns>
    /// <exception cref="SndFileException">The file ends before <see cref="Frames"/> or is damaged here. What came before has been delivered.</exception>
    public int Read(Span<float> interleaved)
    {
        if (interleaved.Length % Channels != 0)
            throw new ArgumentException($"The length {interleaved.Length} is not a multiple of {Channels} channels.", nameof(interleaved));
        if (interleaved.IsEmpty)
            return 0;
        int read;
        fixed (float* values = interleaved)
            read = (int)SndFileNative.sf_readf_float(_file, values, interleaved.Length / Channels);
        if (read > 0)
        {
            _position += read;
            return read;
        }

        var error = SndFileNative.sf_error(_file);
        if (error != 0 || (Frames >= 0 && _position < Frames))
        {
            var reason = error == 0 ? "the file ends here." : Text(error);
            throw new SndFileException($"{_path} is truncated or damaged after {_position} of {(Frames < 0 ? "unknown" : Frames)} samples: {reason} Copy it again.");
        }

        return 0;
    }

    public void Dispose() => _file.Dispose();

    // "Error : flac decoder lost sync." reads better without its beginning.
    private static string Text(int error)
    {
        const string Prefix = "Error : ";
        var text = Marshal.PtrToStringUTF8(SndFileNative.sf_error_number(error)) ?? "";
        return text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
    }
}
