using System.Runtime.InteropServices;

namespace HeartSound.Native.LibC;

/// <summary>
/// Brings a file, or what was made, renamed and deleted in a folder, onto the disk, and says when the disk fails. .NET 10's own (<c>FileStream.Flush(true)</c>,
/// <c>RandomAccess.FlushToDisk</c>) returns as if all was well when <c>fsync(2)</c> says EIO, and cannot open a folder.
/// </summary>
public static class DiskSync
{
    // O_RDONLY | O_CLOEXEC (fcntl.h), the same on x64 and arm64.
    private const int OpenFlags = 0x80000;

    /// <param name="path">A file or a folder. After a power cut a file that is synchronised is gone all the same if its folder is not.</param>
    /// <exception cref="IOException">It is not there, or the disk fails.</exception>
    public static void Flush(string path)
    {
        var handle = LibCNative.open(path, OpenFlags);
        if (handle < 0) throw Failed(path, "opened");
        try
        {
            if (LibCNative.fsync(handle) != 0) throw Failed(path, "brought onto the disk");
        }
        finally
        {
            _ = LibCNative.close(handle);
        }
    }

    private static IOException Failed(string path, string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{path} cannot be {what}: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }
}
