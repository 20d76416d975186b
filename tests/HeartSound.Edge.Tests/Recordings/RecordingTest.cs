using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

/// <summary>What the tests of recordings share: files of their own, and reading them whole.</summary>
public abstract class RecordingTest : IDisposable
{
    private protected TemporaryFolder Folder { get; } = new();

    private protected string Write(byte[] bytes, string name = "r.wav") => Folder.Write(name, bytes);

    private protected static float[] ReadAll(string path, Channel channel = default, int chunk = 1000)
    {
        using var recording = RecordingReader.Open(path, channel);
        return ReadAll(recording, chunk);
    }

    private protected static float[] ReadAll(IRecording recording, int chunk = 1000)
    {
        var all = new List<float>();
        var buffer = new float[chunk];
        for (int read; (read = recording.Read(buffer)) > 0;) all.AddRange(buffer.AsSpan(0, read));
        Assert.Equal(recording.Samples, all.Count);
        return [.. all];
    }

    private protected static RecordingException Refused(RecordingFault kind, string path, Channel channel = default)
    {
        var refused = Assert.Throws<RecordingException>(() => RecordingReader.Open(path, channel).Dispose());
        Assert.Equal(kind, refused.Kind);
        Assert.Equal(path, refused.Path);
        return refused;
    }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
