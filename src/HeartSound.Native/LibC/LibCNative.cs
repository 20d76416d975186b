using System.Runtime.InteropServices;

namespace HeartSound.Native.LibC;

/// <summary>Functions of the C library by their native names.</summary>
internal static partial class LibCNative
{
    static LibCNative() => Libraries.Register();

    [LibraryImport(Libraries.C)]
    public static partial void _exit(int status);

    [LibraryImport(Libraries.C)]
    public static partial nint gnu_get_libc_version();

    [LibraryImport(Libraries.C)]
    public static unsafe partial int adjtimex(byte* timex);

    [LibraryImport(Libraries.C)]
    public static partial int malloc_trim(nuint pad);

    [LibraryImport(Libraries.C, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int open(string path, int flags);

    [LibraryImport(Libraries.C, SetLastError = true)]
    public static partial int fsync(int file);

    [LibraryImport(Libraries.C)]
    public static partial int close(int file);
}
