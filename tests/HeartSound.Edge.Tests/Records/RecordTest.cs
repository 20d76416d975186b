using HeartSound.Edge.Records;
using HeartSound.Edge.Tests.Recordings;

namespace HeartSound.Edge.Tests.Records;

/// <summary>A folder with a key, and what tests of records do with them.</summary>
public abstract class RecordTest : IDisposable
{
    protected const int Rate = 4000;

    private readonly TemporaryFolder _folder = new();

    protected RecordTest()
    {
        KeyFile = WriteKey("key", RecordKey.Generate());
        Key = RecordKey.Load(KeyFile);
    }

    protected string Folder => _folder.Path;

    protected string Records => Path.Combine(Folder, "records");

    protected string KeyFile { get; }

    protected RecordKey Key { get; }

    public virtual void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string WriteKey(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var file = Path.Combine(Folder, name);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    /// <summary>0, 1, 2 … as 16 bits.</summary>
    protected static short[] Ramp(int samples, int from = 0) => Enumerable.Range(from, samples).Select(i => (short)i).ToArray();

    protected string WriteRecord(short[] samples, string outcome = "normal")
    {
        var file = Path.Combine(Folder, $"{Guid.NewGuid():N}.hsrec");
        using var writer = new RecordWriter(File.Create(file), Key, RecordHeader.Create(Key, Rate, DateTimeOffset.UnixEpoch, Guid.NewGuid()));
        writer.Write(samples);
        writer.Complete(new RecordTrailer(outcome, samples.Length, 0, 0));
        return file;
    }

    protected (short[] Samples, RecordTrailer? Trailer) Read(string file, RecordKey? key = null)
    {
        using var reader = new RecordReader(file, key ?? Key);
        var samples = new List<short>();
        for (var chunk = reader.ReadChunk(); chunk.Length > 0; chunk = reader.ReadChunk()) samples.AddRange(chunk);
        return ([.. samples], reader.Trailer);
    }
}
