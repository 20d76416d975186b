using System.Formats.Tar;

namespace HeartSound.Edge.Recordings;

/// <summary>
/// Tells what a file of length 0 really is. Pipes and devices have that length too, and opening a pipe would wait for ever;
/// of the base library only <see cref="TarWriter"/> asks the system for the kind of a file without opening it.
/// </summary>
internal static class EmptyFile
{
    public static RecordingFault Kind(string path) => EntryType(path) is TarEntryType.RegularFile ? RecordingFault.Empty : RecordingFault.Unreadable;

    public static string WhatItIs(string path) => EntryType(path) switch
    {
        TarEntryType.RegularFile => "is empty (0 bytes); copy it again from where it came from",
        TarEntryType.Fifo => "is a pipe, not a file; write the recording to a file first",
        TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "is a device, not a file; name a recording",
        _ => "is not a file; name a recording",
    };

    private static TarEntryType? EntryType(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        try
        {
            using var archive = new MemoryStream();
            using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true)) writer.WriteEntry(target, "x");
            archive.Position = 0;
            using var reader = new TarReader(archive);
            return reader.GetNextEntry()?.EntryType;
        }
        catch (IOException)
        {
            return null; // a socket, which has no place in an archive
        }
    }
}
