using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

public sealed class RecordingFilesTests : RecordingTest
{
    private string Make(string name) => Write([0], name);

    private IEnumerable<string> Names(FoundRecordings found) => found.Files.Select(file => Path.GetRelativePath(Folder.Path, file));

    [Fact]
    public void Find_Folder_IsSearchedInOrdinalOrder()
    {
        foreach (var name in (string[])["b.wav", "B.WAV", "a/z.flac", "a/10.wav", "a/9.wav", "c.txt", ".hidden.wav", "a/._9.wav", ".git/x.wav"]) Make(name);
        var found = RecordingFiles.Find([Folder.Path]);
        Assert.Equal(["B.WAV", "a/10.wav", "a/9.wav", "a/z.flac", "b.wav"], Names(found));
        Assert.Empty(found.Failures);
    }

    [Fact]
    public void Find_NamedFile_IsTakenWhateverItsName()
    {
        var found = RecordingFiles.Find([Make("z.txt"), Path.Combine(Folder.Path, "missing.wav"), "", "a\0b"]);
        Assert.Equal(4, found.Files.Count);
        Assert.Empty(found.Failures);
    }

    [Fact]
    public void Find_SameFileTwice_ComesOnce()
    {
        var file = Make("a.wav");
        Assert.Single(RecordingFiles.Find([file, Folder.Path, file]).Files);
    }

    [Fact]
    public void Find_FolderWithoutRecordings_IsAFailure()
    {
        Make("readme.txt");
        Assert.Equal(RecordingFault.NotFound, Assert.Single(RecordingFiles.Find([Folder.Path]).Failures).Kind);
    }

    [Fact]
    public void Find_LinkLoops_EndAndEveryFileComesOnce()
    {
        Make("a/r.wav");
        Directory.CreateSymbolicLink(Path.Combine(Folder.Path, "a", "self"), ".");
        Directory.CreateSymbolicLink(Path.Combine(Folder.Path, "a", "up"), "../a/self/up2");
        Directory.CreateSymbolicLink(Path.Combine(Folder.Path, "a", "up2"), "..");
        Directory.CreateSymbolicLink(Path.Combine(Folder.Path, "a", "knot"), "knot");
        var found = RecordingFiles.Find([Folder.Path]);
        Assert.Single(found.Files);
    }

    [Fact]
    public void Find_LinkToAFolderElsewhere_IsFollowed()
    {
        Make("store/r.wav");
        Directory.CreateDirectory(Path.Combine(Folder.Path, "chosen"));
        Directory.CreateSymbolicLink(Path.Combine(Folder.Path, "chosen", "link"), "../store");
        Assert.Equal(["chosen/link/r.wav"], Names(RecordingFiles.Find([Path.Combine(Folder.Path, "chosen")])));
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void Find_FolderThatMayNotBeSearched_IsAFailureAndTheOthersGoOn()
    {
        Make("open/r.wav");
        var closed = Path.GetDirectoryName(Make("closed/r.wav"))!;
        if (Environment.IsPrivilegedProcess) return; // root may search every folder
        File.SetUnixFileMode(closed, UnixFileMode.None);
        try
        {
            var found = RecordingFiles.Find([Folder.Path]);
            Assert.Equal(["open/r.wav"], Names(found));
            Assert.Equal((RecordingFault.Unreadable, closed), (Assert.Single(found.Failures).Kind, found.Failures[0].Path));
        }
        finally
        {
            File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
