using HeartSound.Edge.Health;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Delivery;
using HeartSound.Edge.Tests.Recordings;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Outputs.Delivery;

public sealed class OutboxTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly DeviceHealth _health;

    public OutboxTests() => _health = new DeviceHealth(_time, NullLogger<DeviceHealth>.Instance);

    private string Path => System.IO.Path.Combine(_folder.Path, OutboxFile.Name);

    private PartHealth State => _health.Parts[DevicePart.Outbox];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TakeNext_VerdictsThatWait_ComeInOrderAndStayUntilTheyAreRemoved()
    {
        using var outbox = Open();
        AddTo(outbox, 5);
        var taken = TakeAll(outbox);
        Assert.Equal([1, 2, 3, 4, 5], taken.Select(t => t.Sequence));
        Assert.Equal(5, outbox.Waiting);

        outbox.PutBack(taken[1].Verdict);
        outbox.PutBack(taken[3].Verdict);
        Assert.Equal([2, 4], TakeAll(outbox).Select(t => t.Sequence));

        outbox.Remove([.. taken.Select(t => t.Verdict)]);
        outbox.Remove([.. taken.Select(t => t.Verdict)]); // an acknowledgement may come twice
        Assert.Equal(0, outbox.Waiting);
        Assert.Equal(0, outbox.Part.Bytes);
    }

    [Fact]
    public void Open_AfterTheProgramEndedAtAnyMoment_FindsWhatWasNotAcknowledgedAndGoesOnNumbering()
    {
        Guid series;
        using (var outbox = Open())
        {
            AddTo(outbox, 5);
            series = outbox.Part.Series;
            var taken = TakeAll(outbox);
            outbox.Remove([taken[0].Verdict, taken[2].Verdict]);
            File.Copy(Path, Path + ".copy");
            File.Copy(Path + "-wal", Path + ".copy-wal"); // as a power cut leaves it
        }

        foreach (var suffix in (string[])["", "-wal"]) File.Move(Path + ".copy" + suffix, Path + suffix, overwrite: true);
        using var again = Open();
        Assert.Equal([2, 4, 5], TakeAll(again).Select(t => t.Sequence));
        Assert.Equal((series, 5), (again.Part.Series, again.Part.LastSequence));
        Assert.Equal(0, again.InMemory);
    }

    [Fact]
    public void Open_WhenAllWereAcknowledged_GoesOnNumbering()
    {
        using (var outbox = Open())
        {
            AddTo(outbox, 3);
            outbox.Remove([.. TakeAll(outbox).Select(t => t.Verdict)]);
        }

        using var again = Open();
        Assert.Equal((0, 3), (again.Waiting, again.Part.LastSequence));
        Assert.Equal(4, again.Add(Messages.Verdict(0)).Sequence);
        Assert.Equal([4], TakeAll(again).Select(t => t.Sequence));
    }

    [Fact]
    public void Add_MoreThanMayWait_DropsTheOldestAndCountsThem()
    {
        using (var outbox = Open(new OutboxOptions { MaxMegabytes = 1 }))
        {
            AddTo(outbox, 2500);
            var part = outbox.Part;
            Assert.InRange(part.Bytes, 900_000, 1_000_000);
            Assert.Equal(2500, part.Waiting + part.Dropped);
            Assert.Equal(part.Dropped + 1, TakeAll(outbox)[0].Sequence);
            Assert.Equal((PartLevel.Degraded, "dropping"), (State.Level, State.Cause));
            Assert.Equal(part.Dropped, _health.Counters["verdictsDropped"]);
        }

        using var again = Open();
        Assert.InRange(again.Part.Dropped, 1, 2499);
        var rest = TakeAll(again);
        Assert.Equal(2500, rest[^1].Sequence);
        again.Remove([.. rest.Select(t => t.Verdict)]);
        Assert.Equal("ready", State.Cause);
    }

    [Fact]
    public void Tend_VerdictsThatAreTooOld_AreDroppedByTheTimeThatTheDeviceRan()
    {
        var options = new OutboxOptions { MaxAgeDays = 2 };
        using (var outbox = Open(options))
        {
            AddTo(outbox, 1);
            _time.Advance(TimeSpan.FromDays(1.5));
            outbox.Tend(default);
            AddTo(outbox, 1);
            Assert.Equal(2, outbox.Waiting);
        }

        _time.Advance(TimeSpan.FromDays(1000)); // off, or a clock that was set
        using var again = Open(options);
        Assert.Equal(2, again.Waiting);
        _time.Advance(TimeSpan.FromDays(1));
        again.Tend(default);
        Assert.Equal([2], TakeAll(again).Select(t => t.Sequence));
        Assert.Equal(1, again.Part.Dropped);
    }

    [Fact]
    public void Open_FileOfAnOlderVersion_IsMigratedWithWhatItHolds()
    {
        var series = Guid.NewGuid();
        Execute($"""
            CREATE TABLE numbering (series TEXT NOT NULL, last INTEGER NOT NULL);
            CREATE TABLE verdict (position INTEGER PRIMARY KEY, json BLOB NOT NULL);
            INSERT INTO numbering VALUES ('{series}', 7);
            INSERT INTO verdict VALUES (3, $json);
            PRAGMA application_id = 1213427554; PRAGMA user_version = 1;
            """, Messages.Verdict(7, series).ToJson());
        using var outbox = Open();
        Assert.Equal((series, 7), (outbox.Part.Series, outbox.Part.LastSequence));
        AddTo(outbox, 1);
        Assert.Equal([7, 8], TakeAll(outbox).Select(t => t.Sequence));
        Assert.Equal("ready", State.Cause);
    }

    [Theory]
    [InlineData("header")]
    [InlineData("text")]
    [InlineData("truncated")]
    [InlineData("newer")]
    [InlineData("foreign")]
    public void Open_FileThatIsNoGood_IsPutAsideAndWhatCanBeReadIsKept(string how)
    {
        Guid series;
        using (var outbox = Open())
        {
            AddTo(outbox, 200);
            series = outbox.Part.Series;
        }

        if (how == "newer") Execute("PRAGMA user_version = 99");
        else if (how == "foreign") Execute("DROP TABLE verdict; DROP TABLE numbering; CREATE TABLE numbering (a); PRAGMA user_version = 0");
        else if (how == "text") File.WriteAllText(Path, "this is no database, but it is long enough to be one");
        else
        {
            using var file = File.OpenWrite(Path);
            if (how == "truncated") file.SetLength(file.Length / 2);
            else file.Write(new byte[64]);
        }

        using var again = Open();
        Assert.Equal("replaced", State.Cause);
        Assert.Equal(PartLevel.Ok, State.Level);
        Assert.True(File.Exists(Path + ".bad"));
        Assert.NotEqual(series, again.Part.Series);
        var kept = TakeAll(again).Select(t => t.Sequence).ToList();
        Assert.Equal(Enumerable.Range(1, kept.Count).Select(i => (long)i), kept);
        if (how == "newer") Assert.Equal(200, kept.Count);
        AddTo(again, 1);
        Assert.Equal(1, Assert.Single(TakeAll(again)).Sequence);
    }

    [Fact]
    public void Add_WhileAnotherProgramHoldsTheFile_WaitsInMemoryAndIsWrittenWhenItLetsGo()
    {
        using (var outbox = Open()) AddTo(outbox, 2);
        using (var other = Connect())
        {
            Execute(other, "BEGIN EXCLUSIVE");
            using (var outbox = Open())
            {
                Assert.Equal((PartLevel.Degraded, "locked"), (State.Level, State.Cause));
                var unstored = outbox.Add(Messages.Verdict(0));
                Assert.Equal((1, 1), (outbox.Waiting, outbox.InMemory));
                Execute(other, "ROLLBACK");
                other.Close();

                _time.Advance(TimeSpan.FromMinutes(2));
                outbox.Tend(default);
                Assert.Equal("ready", State.Cause);
                Assert.Equal((3, 0), (outbox.Waiting, outbox.InMemory));
                Assert.Equal([1, 2, 1], TakeAll(outbox).Select(t => t.Sequence)); // what was in the file comes first
                var stored = outbox.Add(Messages.Verdict(0));
                Assert.Equal((outbox.Part.Series, 3), (stored.Series, stored.Sequence));
                Assert.NotEqual(unstored.Series, stored.Series);
            }
        }

        using var again = Open();
        Assert.Equal(4, again.Waiting);
    }

    [Fact]
    public void Add_WhereAFolderHasTheFilesName_WaitsInMemoryAndHealsWhenItGoes()
    {
        Directory.CreateDirectory(Path);
        using var outbox = Open();
        AddTo(outbox, 2);
        Assert.Equal((PartLevel.Degraded, "unwritable"), (State.Level, State.Cause));
        Assert.Equal(2, TakeAll(outbox).Count);
        Directory.Delete(Path);
        _time.Advance(TimeSpan.FromMinutes(2));
        outbox.Tend(default);
        Assert.Equal("ready", State.Cause);
        Assert.Equal((2, 0), (outbox.Waiting, outbox.InMemory));
    }

    [Fact]
    public void Add_InMemoryForVeryLong_DropsTheOldest()
    {
        Directory.CreateDirectory(Path);
        using var outbox = Open();
        AddTo(outbox, 20_000);
        Assert.InRange(outbox.Part.Bytes, 7_000_000, 8 << 20);
        Assert.Equal(20_000, outbox.Part.Dropped + outbox.Waiting);
        Assert.Equal(20_000, TakeAll(outbox)[^1].Sequence);
    }

    [Fact]
    public void Tend_OnceTheClockIsSet_CorrectsTheTimeOnWhatThisStartOfTheMachineStamped()
    {
        var boot = Guid.NewGuid();
        var wrong = new DateTimeOffset(1970, 1, 1, 0, 2, 0, TimeSpan.Zero);
        using var outbox = Open();
        outbox.Add(Messages.Verdict(0, default, new Moment(wrong, 100, Guid.NewGuid(), false)));   // of the start before
        outbox.Add(Messages.Verdict(0, default, new Moment(wrong, 100, boot, false)));
        outbox.Add(Messages.Verdict(0, default, new Moment(wrong, 130.5, boot, null)));
        outbox.Add(Messages.Verdict(0, default, new Moment(wrong, 131, boot, true)));
        outbox.Tend(new Moment(wrong, 150, boot, false));
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        outbox.Tend(new Moment(now, 160, boot, true));

        var verdicts = TakeAll(outbox).Select(t => t.Message).ToList();
        Assert.Equal([wrong, now.AddSeconds(-60), now.AddSeconds(-29.5), wrong], verdicts.Select(v => v.Time));
        Assert.Equal([false, true, true, true], verdicts.Select(v => v.ClockSynced));
        Assert.Equal(100, verdicts[1].MonotonicSeconds);
        Assert.Equal(0, outbox.InMemory);
    }

    [Fact]
    public void Add_AndRemove_ByTwoThreads_LoseNothing()
    {
        using var outbox = Open();
        var sent = new List<long>();
        var courier = new Thread(() =>
        {
            while (sent.Count < 300)
            {
                if (outbox.TakeNext(out var json) is not { } verdict) continue;
                sent.Add(VerdictMessage.FromJson(json).Sequence);
                outbox.Remove([verdict]);
            }
        });
        courier.Start();
        AddTo(outbox, 300);
        courier.Join();
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), sent);
        Assert.Equal(0, outbox.Waiting);
    }

    [Fact]
    public void Add_FirstToAFileThatWasLockedAndIsOld_IsNotTooOldWhenItOpens()
    {
        var options = new OutboxOptions { MaxAgeDays = 2 };
        using (var outbox = Open(options))
        {
            _time.Advance(TimeSpan.FromDays(100));
            AddTo(outbox, 1);
        }

        using var other = Connect();
        Execute(other, "BEGIN EXCLUSIVE");
        using var again = Open(options);
        AddTo(again, 1);
        other.Close();
        _time.Advance(TimeSpan.FromMinutes(2));
        again.Tend(default);
        Assert.Equal((2, 0), (again.Waiting, again.InMemory));
        Assert.Equal(0, again.Part.Dropped);
    }

    [Theory]
    [InlineData("UPDATE numbering SET last = 1")]
    [InlineData("UPDATE numbering SET lived = 1e12")]
    [InlineData("UPDATE numbering SET series = 'garbage'")]
    [InlineData("UPDATE numbering SET dropped = 7")]
    public void Open_NumbersThatAreNotWhatWasWritten_BeginsANewSeriesAndKeepsWhatWaits(string damage)
    {
        Guid series;
        using (var outbox = Open())
        {
            AddTo(outbox, 3);
            series = outbox.Part.Series;
        }

        Execute(damage);
        using var again = Open();
        Assert.Equal("replaced", State.Cause);
        Assert.Equal([1, 2, 3], TakeAll(again).Select(t => t.Sequence));
        Assert.Equal(0, again.Part.Dropped);
        var next = again.Add(Messages.Verdict(0));
        Assert.Equal(1, next.Sequence);
        Assert.NotEqual(series, next.Series);
    }

    [Theory]
    [InlineData("UPDATE verdict SET json = CAST(replace(CAST(json AS TEXT), 'inconclusive', 'inconclusivf') AS BLOB) WHERE position = 2")]
    [InlineData("UPDATE verdict SET json = x'8b00', hash = NULL WHERE position = 2")]
    [InlineData("UPDATE verdict SET hash = x'00' WHERE position = 2")]
    [InlineData("DELETE FROM verdict WHERE position = 2")]
    public void TakeNext_RowThatIsNotWhatWasWritten_IsNeverSentAndCounted(string damage)
    {
        using (var outbox = Open()) AddTo(outbox, 3);
        Execute(damage);
        using var again = Open();
        Assert.Equal([1, 3], TakeAll(again).Select(t => t.Sequence));
        Assert.Equal(damage.StartsWith("DELETE", StringComparison.Ordinal) ? 0 : 1, again.Part.Dropped);
        Assert.Equal(2, again.Waiting);
    }

    [Fact]
    public void Tend_FileTakenAway_WritesWhatWaitsIntoANewOneAndGoesOnNumbering()
    {
        Guid series;
        using (var outbox = Open())
        {
            AddTo(outbox, 3);
            series = outbox.Part.Series;
            foreach (var file in Directory.GetFiles(_folder.Path)) File.Delete(file);
            _time.Advance(TimeSpan.FromMinutes(1));
            outbox.Tend(default);
            AddTo(outbox, 1);
        }

        using var again = Open();
        Assert.Equal([1, 2, 3, 4], TakeAll(again).Select(t => t.Sequence));
        Assert.Equal(series, again.Part.Series);
    }

    [Fact]
    public void Add_NumberOfAVerdictThatWasNotStored_IsNeverGivenAgain()
    {
        Directory.CreateDirectory(Path);
        VerdictMessage first, second;
        using (var outbox = Open()) first = outbox.Add(Messages.Verdict(0));
        using (var outbox = Open()) second = outbox.Add(Messages.Verdict(0));
        Assert.NotEqual((first.Series, first.Sequence), (second.Series, second.Sequence));
    }

    [Fact]
    public void Part_WithoutAFolder_IsInMemoryAndSaysSo()
    {
        using var outbox = new Outbox(null, new OutboxOptions(), _health, _time, NullLogger<Outbox>.Instance);
        AddTo(outbox, 2);
        Assert.Equal((PartLevel.Ok, "inMemory"), (State.Level, State.Cause));
        Assert.Equal((2, 2), (outbox.Waiting, outbox.InMemory));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(5, outbox.Part.OldestSeconds);
    }

    private Outbox Open(OutboxOptions? options = null) => new(_folder.Path, options ?? new OutboxOptions(), _health, _time, NullLogger<Outbox>.Instance);

    private static void AddTo(Outbox outbox, int count)
    {
        for (var i = 1; i <= count; i++) outbox.Add(Messages.Verdict(0));
    }

    private static List<(WaitingVerdict Verdict, VerdictMessage Message, long Sequence)> TakeAll(Outbox outbox)
    {
        var taken = new List<(WaitingVerdict, VerdictMessage, long)>();
        while (outbox.TakeNext(out var json) is { } verdict)
        {
            var message = VerdictMessage.FromJson(json);
            taken.Add((verdict, message, message.Sequence));
        }

        return taken;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Execute(string sql, byte[]? json = null)
    {
        OutboxFile.Salvage(Path + ".none"); // the library is found
        using var connection = Connect();
        Execute(connection, sql, json);
    }

    private static void Execute(SqliteConnection connection, string sql, byte[]? json = null)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A test's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        if (json is not null) command.Parameters.AddWithValue("$json", json);
        command.ExecuteNonQuery();
    }
}
