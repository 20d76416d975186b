using System.Runtime.InteropServices;

namespace HeartSound.Native.LibC;

/// <summary>Brings what was made, renamed and deleted in a folder onto the disk. A file that is synchronised can be gone after a power cut all the same, if the name it has is not.</summary>
public static class FolderSync
{
    // O_RDONLY | O_CLOEXEC (fcntl.h, x64 and arm64 alike). Not O_DIRECTORY, whose number is not: a file is synchronised just as well.
    private const int OpenFlags = 0x80000;

    /// <exception cref="IOException">The folder is not there, or the disk fails.</exception>
    public static void Flush(string folder)
    {
        var handle = LibCNative.open(folder, OpenFlags);
        if (handle < 0) throw Failed(folder, "opened");
        try
        {
            if (LibCNative.fsync(handle) != 0) throw Failed(folder, "synchronised");
        }
        finally
        {
            _ = LibCNative.close(handle);
        }
    }

    private static IOException Failed(string folder, string what) => new($"{folder} cannot be {what}: {Marshal.GetLastPInvokeErrorMessage()}");
}
