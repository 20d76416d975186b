using System.Runtime.InteropServices;

namespace HeartSound.Native.SndFile;

/// <summary>The functions of libsndfile (<c>sndfile.h</c>, 1.0.25 and later) by their native names.</summary>
internal static unsafe partial class SndFileNative
{
    public const int ReadMode = 0x10;

    static SndFileNative() => Libraries.Register();

    [LibraryImport(Libraries.SndFile, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint sf_open(string path, int mode, ref Info info);

    [LibraryImport(Libraries.SndFile)]
    public static partial long sf_readf_float(SndFileHandle file, float* values, long frames);

    [LibraryImport(Libraries.SndFile)]
    public static partial int sf_close(nint file);

    /// <summary>The number of the last error of <paramref name="file"/>.</summary>
    [LibraryImport(Libraries.SndFile)]
    public static partial int sf_error(SndFileHandle file);

    /// <summary>With zero: the number of the last error of <see cref="sf_open"/> in the whole process.</summary>
    [LibraryImport(Libraries.SndFile)]
    public static partial int sf_error(nint none);

    /// <summary>The text of an error number; it belongs to libsndfile.</summary>
    [LibraryImport(Libraries.SndFile)]
    public static partial nint sf_error_number(int error);

    /// <summary><c>SF_INFO</c>; its frames are samples per channel.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Info
    {
        public long Frames;
        public int SampleRate;
        public int Channels;
        public int Format;
        public int Sections;
        public int Seekable;
    }
}
