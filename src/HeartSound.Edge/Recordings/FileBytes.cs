using Microsoft.Win32.SafeHandles;

namespace HeartSound.Edge.Recordings;

/// <summary>Opens and reads files, with every failure told as a <see cref="RecordingException"/>.</summary>
internal static class FileBytes
{
    /// <summary>Opens a regular file that holds something. Never blocks: a pipe or a device is refused unopened.</summary>
    public static SafeFileHandle Open(string path)
    {
        if (path.Length == 0 || path.Contains('\0')) throw new RecordingException(RecordingFault.NotFound, path, "is not the name of a file");
        try
        {
            var info = new FileInfo(path);
            if (Directory.Exists(path)) throw new RecordingException(RecordingFault.Unreadable, path, "is a folder; name a recording in it");
            var target = info.LinkTarget is null ? info : (FileInfo)info.ResolveLinkTarget(returnFinalTarget: true)!;
            if (!target.Exists) throw NotFound(path, info);
            if (target.Length == 0) throw new RecordingException(EmptyFile.Kind(path), path, EmptyFile.WhatItIs(path));
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RecordingException(RecordingFault.Unreadable, path, $"may not be read by this user ({Environment.UserName}); change its permissions, for instance with chmod a+r", e);
        }
        catch (Exception e) when (e is IOException or NotSupportedException or ArgumentException or System.Security.SecurityException)
        {
            throw new RecordingException(RecordingFault.Unreadable, path, $"cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Fills all of <paramref name="bytes"/> from the given position.</summary>
    /// <exception cref="RecordingException">The file ends sooner, or the disk fails.</exception>
    public static void ReadAt(SafeFileHandle file, long position, Span<byte> bytes, string path)
    {
        while (bytes.Length > 0)
        {
            var read = ReadSome(file, position, bytes, path);
            if (read == 0) throw new RecordingException(RecordingFault.Unreadable, path, "became shorter while it was being read; try again when nothing writes to it");
            position += read;
            bytes = bytes[read..];
        }
    }

    /// <summary>As much of the start of the file as fits and is there.</summary>
    public static Span<byte> ReadStart(SafeFileHandle file, Span<byte> bytes, string path)
    {
        var filled = 0;
        while (filled < bytes.Length)
        {
            var read = ReadSome(file, filled, bytes[filled..], path);
            if (read == 0) break;
            filled += read;
        }

        return bytes[..filled];
    }

    private static int ReadSome(SafeFileHandle file, long position, Span<byte> bytes, string path)
    {
        try
        {
            return RandomAccess.Read(file, bytes, position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RecordingException(RecordingFault.Unreadable, path, $"cannot be read: {e.Message}; check the disk or the connection", e);
        }
    }

    private static RecordingException NotFound(string path, FileInfo info) => info.LinkTarget is { } target
        ? new RecordingException(RecordingFault.NotFound, path, $"is a link to {target}, which does not exist")
        : new RecordingException(RecordingFault.NotFound, path, "does not exist, or lies in a folder that may not be entered; check the name");
}
