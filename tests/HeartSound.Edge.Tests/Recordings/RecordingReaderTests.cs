using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

public sealed class RecordingReaderTests : RecordingTest
{
    public static TheoryData<byte[], string, RecordingFault, string> ForeignFiles => new()
    {
        { "ID3\u0003"u8.ToArray(), "a.wav", RecordingFault.Unsupported, "is MP3" },
        { [0xFF, 0xFB, 0x90, 0x00], "a.mp3", RecordingFault.Unsupported, "is MP3" },
        { [0xFF, 0xF1, 0x50, 0x80], "a.aac", RecordingFault.Unsupported, "is AAC" },
        { "OggS\0\0"u8.ToArray(), "a.ogg", RecordingFault.Unsupported, "is Ogg" },
        { "\0\0\0\u0020ftypM4A "u8.ToArray(), "a.m4a", RecordingFault.Unsupported, "is M4A" },
        { "#!AMR\n"u8.ToArray(), "a.amr", RecordingFault.Unsupported, "is AMR" },
        { "FORM\0\0\0\0AIFFCOMM"u8.ToArray(), "a.aiff", RecordingFault.Unsupported, "is AIFF" },
        { "RIFX\0\0\0\0WAVE"u8.ToArray(), "a.wav", RecordingFault.Unsupported, "big-endian" },
        { "RIFF\0\0\0\0AVI LIST"u8.ToArray(), "a.wav", RecordingFault.NotARecording, "no WAVE sound" },
        { "PK\u0003\u0004...."u8.ToArray(), "a.wav", RecordingFault.NotARecording, "ZIP" },
        { [0x1F, 0x8B, 8, 0], "a.wav", RecordingFault.NotARecording, "gzip" },
        { [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a.npy", RecordingFault.NotARecording, "NumPy" },
        { "MATLAB 5.0 MAT-file"u8.ToArray(), "a.mat", RecordingFault.NotARecording, "MATLAB" },
        { "a0001 1 2000 71332\n"u8.ToArray(), "a0001.hea", RecordingFault.NotARecording, "WFDB" },
        { "version https://git-lfs.github.com/spec/v1\n"u8.ToArray(), "a.wav", RecordingFault.NotARecording, "git lfs pull" },
        { Encoding.UTF8.GetBytes("Grüße, this is text"), "a.wav", RecordingFault.NotARecording, "is a text file" },
        { [0xDE, 0xAD, 0xBE, 0xEF, 0, 1, 2], "a.wav", RecordingFault.NotARecording, "is not a recording" },
        { "RIFF"u8.ToArray(), "a.wav", RecordingFault.NotARecording, "a.wav" },
    };

    [Theory]
    [MemberData(nameof(ForeignFiles))]
    public void Open_AnotherFormat_IsNamedWithAWayOut(byte[] head, string name, RecordingFault kind, string says)
    {
        var path = Write(head, name);
        var message = Refused(kind, path).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NameForAShell_IsQuotedInTheAdvice()
    {
        var message = Refused(RecordingFault.Unsupported, Write("OggS"u8.ToArray(), "it's $(here).ogg")).Message;
        Assert.Contains("it'\\''s $(here).ogg'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NameWithEscapeSequence_DoesNotReachTheTerminal()
        => Assert.DoesNotContain('\u001b', Refused(RecordingFault.NotFound, Path.Combine(Folder.Path, "a\u001b[2J.wav")).Message);

    [Fact]
    public void Open_Nothing_IsNotFound()
    {
        Refused(RecordingFault.NotFound, Path.Combine(Folder.Path, "no.wav"));
        Refused(RecordingFault.NotFound, "");
        Refused(RecordingFault.NotFound, "a\0b");
        File.CreateSymbolicLink(Path.Combine(Folder.Path, "broken.wav"), "gone.wav");
        Assert.Contains("gone.wav", Refused(RecordingFault.NotFound, Path.Combine(Folder.Path, "broken.wav")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NameTooLong_IsRefusedByName()
        => Assert.Throws<RecordingException>(() => RecordingReader.Open("/" + new string('x', 5000)));

    [Fact]
    public void Open_Folder_IsNamed() => Assert.Contains("is a folder", Refused(RecordingFault.Unreadable, Folder.Path).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_EmptyFile_IsNamed()
    {
        var path = Write([]);
        Assert.Contains("0 bytes", Refused(RecordingFault.Empty, path).Message, StringComparison.Ordinal);
        File.CreateSymbolicLink(Path.Combine(Folder.Path, "link.wav"), path);
        Refused(RecordingFault.Empty, Path.Combine(Folder.Path, "link.wav"));
    }

    [Fact]
    public void Open_Pipe_IsRefusedWithoutWaiting()
    {
        var path = Path.Combine(Folder.Path, "pipe.wav");
        Process.Start("mkfifo", path).WaitForExit();
        Assert.Contains("is a pipe", Refused(RecordingFault.Unreadable, path).Message, StringComparison.Ordinal);
        File.CreateSymbolicLink(Path.Combine(Folder.Path, "link.wav"), path);
        Refused(RecordingFault.Unreadable, Path.Combine(Folder.Path, "link.wav"));
    }

    [Fact]
    public void Open_Device_IsNamed() => Assert.Contains("is a device", Refused(RecordingFault.Unreadable, "/dev/zero").Message, StringComparison.Ordinal);

    [Fact]
    public void Open_Socket_IsRefused()
    {
        var path = Path.Combine(Folder.Path, "s.wav");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        Refused(RecordingFault.Unreadable, path);
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void Open_WithoutPermission_IsNamed()
    {
        var path = Write(new WavBytes().Of(1, 2));
        File.SetUnixFileMode(path, UnixFileMode.None);
        if (Environment.IsPrivilegedProcess)
        {
            using var recording = RecordingReader.Open(path); // root may read everything
            Assert.Equal(1, recording.Samples);
            return;
        }

        Assert.Contains("may not be read", Refused(RecordingFault.Unreadable, path).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileThatShrinksMeanwhile_IsUnreadable()
    {
        var path = Write(new WavBytes().Of(new byte[400_000]));
        using var recording = RecordingReader.Open(path);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(1000);
        Assert.Equal(RecordingFault.Unreadable, Assert.Throws<RecordingException>(() => recording.Read(new float[200_000])).Kind);
    }
}
