using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HeartSound.Native.LibC;

/// <summary>
/// A file's bytes, outside the managed heap, where tens of megabytes that are needed for a moment would stay until some far collection. Whoever read it disposes it;
/// <see cref="Span"/> must not be used afterwards. Not thread-safe.
/// </summary>
public sealed unsafe class FileBytes : IDisposable
{
    private byte* _bytes;

    private FileBytes(byte* bytes, int length)
    {
        _bytes = bytes;
        Length = length;
    }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bytes == null, this);
            return new ReadOnlySpan<byte>(_bytes, Length);
        }
    }

    /// <summary>Reads all of the file.</summary>
    /// <exception cref="IOException">It is not there, cannot be read, or holds 2 GiB and more.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    public static FileBytes Read(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        if (length > int.MaxValue) throw new IOException($"{path} holds {length} bytes, which is too much: 2 GiB is the most.");
        var bytes = new FileBytes((byte*)NativeMemory.Alloc((nuint)Math.Max(1, length)), (int)length);
        try
        {
            var read = 0;
            while (read < bytes.Length && RandomAccess.Read(file, new Span<byte>(bytes._bytes + read, bytes.Length - read), read) is > 0 and var got) read += got;
            bytes.Length = read; // it may have become shorter meanwhile
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
        Length = 0;
        GC.SuppressFinalize(this);
    }

    ~FileBytes() => NativeMemory.Free(_bytes);
}
