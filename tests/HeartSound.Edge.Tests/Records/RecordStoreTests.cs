using HeartSound.Edge.Records;

namespace HeartSound.Edge.Tests.Records;

public sealed class RecordStoreTests : RecordTest
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Create_NewRecord_IsTheOwnersAloneAndNamesNobody()
    {
        var store = Store();
        var examination = Guid.NewGuid();

        using (var file = store.Create(Now, examination)) file.Write(new byte[10]);

        var record = Assert.Single(store.List());
        Assert.Equal($"20260301T120000Z-{examination:N}.hsrec", Path.GetFileName(record.Path));
        Assert.Equal((Now, examination, 10), (record.Start, record.Examination, record.Bytes));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(record.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Records));
    }

    [Fact]
    public void Retain_OldOnes_GoAndOthersStay()
    {
        var store = Store();
        var old = Put(store, Now.AddDays(-31), 10);
        var young = Put(store, Now.AddDays(-29), 10);
        var foreign = Path.Combine(Records, "notes.hsrec");
        File.WriteAllText(foreign, "not ours");

        Assert.Equal(1, store.Retain(new RecordOptions { KeepDays = 30 }, Now));

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young) && File.Exists(foreign));
    }

    [Fact]
    public void Retain_TooMuch_TheOldestGoUntilItFits()
    {
        var store = Store();
        var records = Enumerable.Range(1, 4).Select(day => Put(store, Now.AddDays(-day), 400_000)).ToList();

        Assert.Equal(2, store.Retain(new RecordOptions { MaxMegabytes = 1 }, Now));

        Assert.Equal([true, true, false, false], records.Select(File.Exists));
    }

    [Fact]
    public void Retain_RecordThatIsBeingWritten_Stays()
    {
        var store = Store();
        var writing = Put(store, Now.AddDays(-99), 3_000_000);
        var other = Put(store, Now, 10);

        store.Retain(new RecordOptions { MaxMegabytes = 1, KeepDays = 1 }, Now, writing);

        Assert.True(File.Exists(writing));
        Assert.False(File.Exists(other)); // older than what is being written it is not, but the space is gone
    }

    [Fact]
    public void List_NoFolder_IsEmpty() => Assert.Empty(new RecordStore(Path.Combine(Folder, "none")).List());

    private RecordStore Store()
    {
        var store = new RecordStore(Records);
        store.Prepare();
        return store;
    }

    private static string Put(RecordStore store, DateTimeOffset start, int bytes)
    {
        using var file = store.Create(start, Guid.NewGuid());
        file.Write(new byte[bytes]);
        return file.Name;
    }
}
