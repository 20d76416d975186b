using System.Diagnostics;
using System.Text;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Tests.Recordings;

namespace HeartSound.Edge.Tests.Inference.Engines;

public sealed class EngineCacheTests : IDisposable
{
    // In memory where that is possible: hundreds of files are brought onto the disk here, and others may be busy with it.
    private readonly TemporaryFolder _folder = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
    private readonly Some.Journal _log = new();
    private readonly EngineCache _cache;

    public EngineCacheTests() => _cache = Open();

    private string Entry => Path.Combine(_cache.Folder, Some.Key.FolderName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FolderName_OfAKey_NeverChanges() => Assert.Equal("5b1f0c9a-tensorrt-fp16-trt8.2.1-ort1.11.0-sm5.3-ecbf4ac66365b01a", Some.Key.FolderName);

    [Fact]
    public void Find_NothingThere_FindsNothing()
    {
        Assert.Null(_cache.Find(Some.Key, out var rejected));
        Assert.Null(rejected);
        Assert.Empty(_cache.List());
        Assert.Equal(0, _cache.Prune());
        Assert.Equal(0, _cache.Clear());
        Assert.False(Directory.Exists(_cache.Folder));
    }

    [Fact]
    public void Find_WhatWasSealed_FindsItInAnotherInstance()
    {
        Some.Build(_cache);
        using var found = Open().Find(Some.Key, out var rejected);
        Assert.NotNull(found);
        Assert.Null(rejected);
        Assert.Equal(Some.Key, found.Key);
        Assert.Equal(TimeSpan.FromSeconds(7), found.BuildTime);
        Assert.Equal(5003, found.Bytes);
        Assert.Null(found.FindFault());
        Assert.Equal(["entry.json", "some.engine", "some.profile"], Directory.GetFiles(found.Folder).Select(Path.GetFileName).Order());
        Assert.Equal(["3501 Engine 5b1f0c9a-tensorrt-fp16-trt8.2.1-ort1.11.0-sm5.3-ecbf4ac66365b01a was built in 7 s and is kept, 5003 bytes"], _log.Lines);
    }

    public static TheoryData<string> Others => new(ManyKeys.Keys);

    private static Dictionary<string, EngineKey> ManyKeys { get; } = new()
    {
        ["model"] = Some.Key with { ModelSha256 = new string('0', 64) },
        ["provider"] = Some.Key with { Provider = "Other" },
        ["precision"] = Some.Key with { Precision = EnginePrecision.Fp32 },
        ["onnxRuntime"] = Some.Key with { OnnxRuntime = "1.11.1" },
        ["tensorRt"] = Some.Key with { TensorRt = "8.5.2" },
        ["no tensorRt"] = Some.Key with { TensorRt = null },
        ["cuda"] = Some.Key with { Cuda = "11.4" },
        ["computeCapability"] = Some.Key with { ComputeCapability = "7.2" },
        ["l4t"] = Some.Key with { L4t = "32.7.2" },
        ["no l4t"] = Some.Key with { L4t = null },
        ["workspace"] = Some.Key with { WorkspaceBytes = 1 << 30 },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Find_OtherKey_FindsNothingAndLeavesTheEngine(string which)
    {
        Some.Build(_cache);
        Assert.Null(_cache.Find(ManyKeys[which], out var rejected));
        Assert.Null(rejected);
        using var found = _cache.Find(Some.Key, out _);
        Assert.NotNull(found);
    }

    [Theory]
    [InlineData("truncated", "some.engine has 2500 bytes, must have 5000")]
    [InlineData("empty", "some.engine has 0 bytes, must have 5000")]
    [InlineData("longer", "some.engine has 5001 bytes, must have 5000")]
    [InlineData("one bit", "some.engine is not what was written (SHA-256)")]
    [InlineData("missing", "some.engine is missing")]
    [InlineData("a folder", "some.engine is no file")]
    [InlineData("a link", "some.engine is no file")]
    [InlineData("extra", "other.engine does not belong there")]
    [InlineData("extra hidden", ".other does not belong there")]
    [InlineData("extra folder", "more does not belong there")]
    [InlineData("no entry", "it has no entry.json")]
    [InlineData("half an entry", "entry.json is damaged: ")]
    [InlineData("empty entry", "entry.json is damaged: ")]
    [InlineData("garbage", "entry.json is damaged: ")]
    [InlineData("list", "entry.json has no schema")]
    [InlineData("no schema", "entry.json has no schema")]
    [InlineData("newer", "it is of schema 2, and this program knows 1")]
    [InlineData("unknown field", "entry.json is damaged: ")]
    [InlineData("null file", "entry.json lacks something")]
    [InlineData("no files", "it has no files")]
    [InlineData("no key", "entry.json is damaged: ")]
    [InlineData("entry is a folder", "entry.json cannot be read: ")]
    [InlineData("other key", "it is for another key: tensorRt is 8.2.0, must be 8.2.1")]
    [InlineData("moved here", "it is for another key: precision is Fp32, must be Fp16")]
    [InlineData("a file", "it has no entry.json")]
    [InlineData("a link that leads nowhere", "it has no entry.json")]
    public void Find_EngineThatIsNoGood_IsDeletedAndBuiltAnew(string how, string why)
    {
        Some.Build(_cache);
        Spoil(how);
        Assert.Null(_cache.Find(Some.Key, out var rejected));
        Assert.StartsWith(why, rejected, StringComparison.Ordinal);
        Assert.Contains(_log.Lines, l => l == $"3502 Engine {Some.Key.FolderName} is no good and is deleted: {rejected}");
        Assert.False(Path.Exists(Entry) || new FileInfo(Entry).LinkTarget is not null);
        Some.Build(_cache);
        using var found = _cache.Find(Some.Key, out rejected);
        Assert.NotNull(found);
        Assert.Null(rejected);
    }

    [Theory]
    [InlineData("no entry", "it has no entry.json")]
    [InlineData("newer", "it is of schema 2, and this program knows 1")]
    [InlineData("other key", "it is for another key")]
    [InlineData("a file", "it is no folder")]
    public void List_EngineThatIsNoGood_SaysWhyAndPruneDeletesIt(string how, string why)
    {
        Some.Build(_cache);
        Spoil(how);
        Assert.Equal(why, Assert.Single(_cache.List()).Fault);
        Assert.Equal(1, _cache.Prune());
        Assert.Empty(_cache.List());
    }

    [Theory]
    [InlineData("nothing", "The provider left nothing")]
    [InlineData("empty", "The provider left some.engine empty")]
    [InlineData("folder", "The provider left more, which is no file")]
    public void Seal_WhatIsNoEngine_IsRefusedAndLeavesNothing(string how, string why)
    {
        using (var draft = _cache.Begin(Some.Key))
        {
            if (how != "nothing") Some.Write(draft, how == "empty" ? 0 : 5000);
            if (how == "folder") Directory.CreateDirectory(Path.Combine(draft.Folder, "more"));
            var exception = Assert.Throws<EngineCacheException>(() => draft.Seal(TimeSpan.Zero));
            Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        }

        Assert.Null(_cache.Find(Some.Key, out _));
        Assert.Equal([".lock", "timing"], Directory.GetFileSystemEntries(_cache.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Seal_OverAnOlderOneInUse_TakesItsPlace()
    {
        Some.Build(_cache);
        using var older = _cache.Find(Some.Key, out _);
        Some.Build(_cache, bytes: 6000, seconds: 3);
        using var newer = _cache.Find(Some.Key, out _);
        Assert.Equal(6003, newer!.Bytes);
        Assert.Equal(2, Directory.GetDirectories(_cache.Folder).Length);
    }

    [Fact]
    public void Begin_DraftsOfOthers_RemovesThoseOfDeadProcessesOnly()
    {
        using var dead = OtherProcess.Start("seal", _cache.Folder);
        using var alive = OtherProcess.Start("seal", _cache.Folder);
        var (left, used) = (dead.ReadLine(), alive.ReadLine());
        dead.Kill();
        Assert.True(File.Exists(Path.Combine(left, "some.engine")));
        using var mine = _cache.Begin(Some.Key);
        using var other = Open().Begin(Some.Key);
        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(used));
        Assert.True(Directory.Exists(mine.Folder));
        Assert.Contains(_log.Lines, l => l == $"3503 {left} is deleted: whoever made it died on the way");

        // The one that lives finishes, and what it sealed is there for all.
        Assert.Equal("done", alive.GoOn());
        using var found = _cache.Find(Some.Key, out _);
        Assert.Equal(TimeSpan.FromSeconds(7), found!.BuildTime);
        Assert.Equal(0, _cache.Prune());
    }

    [Fact]
    public void Prune_EngineOfAnotherProcess_WaitsUntilItIsFree()
    {
        Some.Build(_cache);
        using (Open().Find(Some.Key, out _))
            Assert.Equal(0, _cache.Prune(keepEngines: 0));
        Assert.Equal(1, _cache.Prune(keepEngines: 0));
        Assert.Contains(_log.Lines, l => l.StartsWith("3504 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Prune_Many_KeepsTheNewestThatFit()
    {
        var keys = ManyKeys.Values.Take(5).ToList();
        foreach (var key in keys) Some.Build(_cache, key, bytes: 10_000);
        Assert.Equal(keys.AsEnumerable().Reverse(), _cache.List().Select(e => e.Key));
        using var oldest = _cache.Find(keys[0], out _);
        Assert.Equal(1, _cache.Prune(keepEngines: 3));
        Assert.Equal([keys[4], keys[3], keys[2], keys[0]], _cache.List().Select(e => e.Key));
        Assert.Equal(1, _cache.Prune(keepBytes: 25_000));
        Assert.Equal([keys[4], keys[3], keys[0]], _cache.List().Select(e => e.Key));
    }

    [Fact]
    public void ExpectedBuild_BuiltBefore_IsTheTimeOfTheNearest()
    {
        Assert.Null(_cache.ExpectedBuild(Some.Key));
        var (other, full) = (ManyKeys["model"], ManyKeys["precision"]);
        Some.Build(_cache, other, seconds: 10);
        Assert.Equal(TimeSpan.FromSeconds(10), _cache.ExpectedBuild(Some.Key));
        Some.Build(_cache, full, seconds: 20);
        Some.Build(_cache, other, seconds: 11);
        Assert.Equal(TimeSpan.FromSeconds(20), _cache.ExpectedBuild(Some.Key));
        Some.Build(_cache, Some.Key, seconds: 30);
        Some.Build(_cache, Some.Key, seconds: 31.5);
        Assert.Equal(TimeSpan.FromSeconds(31.5), _cache.ExpectedBuild(Some.Key with { TensorRt = "8.5.2" }));
        Assert.Equal(3, _cache.Clear());
        Assert.Equal(TimeSpan.FromSeconds(20), Open().ExpectedBuild(full));
        File.WriteAllText(Path.Combine(_cache.Folder, "builds.json"), "[{");
        Assert.Null(_cache.ExpectedBuild(full));
        Some.Build(_cache, full, seconds: 21);
        Assert.Equal(TimeSpan.FromSeconds(21), _cache.ExpectedBuild(full));
    }

    [Fact]
    public void Remove_EngineThatDoesNotWork_IsGone()
    {
        Assert.False(_cache.Remove(Some.Key, "its answers are wrong"));
        Some.Build(_cache);
        Assert.True(_cache.Remove(Some.Key, "its answers are wrong"));
        Assert.Null(_cache.Find(Some.Key, out _));
        Assert.Contains(_log.Lines, l => l.EndsWith("is no good and is deleted: its answers are wrong", StringComparison.Ordinal));
    }

    [Fact]
    public void FindFault_ProviderBuiltAnotherBesideIt_SaysSo()
    {
        Some.Build(_cache);
        using var engine = _cache.Find(Some.Key, out _);
        File.WriteAllText(Path.Combine(engine!.Folder, "another.engine"), "x");
        Assert.Equal("another.engine does not belong there", engine.FindFault());
    }

    [Fact]
    public void Begin_ReleaseThatMeasuresBesideTheEngine_GoesOnFromTheLastTime()
    {
        var key = Some.Key with { OnnxRuntime = "1.16.3" };
        for (var i = 0; i < 2; i++)
        {
            using var draft = _cache.Begin(key);
            Assert.Equal(i, Directory.GetFiles(draft.Folder).Length);
            Some.Write(draft);
            File.WriteAllText(Path.Combine(draft.Folder, "cache_sm53.timing"), $"{i}");
            using var engine = draft.Seal(TimeSpan.FromSeconds(1));
            Assert.Equal(5003, engine.Bytes);
            Assert.Equal($"{i}", File.ReadAllText(Path.Combine(_cache.TimingFolder, "cache_sm53.timing")));
            File.WriteAllText(Path.Combine(engine.Folder, "cache_sm53.timing"), "of loading");
            Assert.Null(engine.FindFault());
        }

        using (var draft = _cache.Begin(Some.Key)) Assert.Empty(Directory.GetFiles(draft.Folder));
        Assert.Equal(1, _cache.Clear());
        Assert.Empty(Directory.GetFiles(_cache.TimingFolder));
    }

    [Fact]
    public void EveryOperation_ManyAtOnce_NeverSeesHalfAnEngine()
    {
        var rejected = new List<string>();
        var found = 0;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, worker =>
        {
            var cache = Open();
            for (var i = 0; i < 12; i++)
            {
                if (worker < 2) Some.Build(cache, bytes: 20_000 + worker);
                if (worker == 2) cache.Prune(keepEngines: i % 2);
                using var engine = cache.Find(Some.Key, out var why);
                if (engine is not null) Interlocked.Increment(ref found);
                lock (rejected)
                    if (why is not null) rejected.Add(why);
            }
        });
        Assert.Empty(rejected);
        Assert.True(found > 0);
        using var last = _cache.Find(Some.Key, out _);
        Assert.Empty(Directory.GetFileSystemEntries(_cache.Folder, ".building*"));
    }

    [Fact]
    public void Probe_FolderThatCanBeUsed_MakesIt()
    {
        _cache.Probe();
        _cache.Probe();
        Assert.Equal([".lock", "timing"], Directory.GetFileSystemEntries(_cache.Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("file/engines")]
    [InlineData("file")]
    [InlineData("/proc/engines")]
    public void Probe_FolderThatCannotBeMade_SaysWhatToDo(string path)
    {
        _folder.Write("file", [1]);
        var cache = new EngineCache(Path.Combine(_folder.Path, path), TimeProvider.System, _log);
        var exception = Assert.Throws<EngineCacheException>(cache.Probe);
        Assert.Contains(cache.Folder, exception.Message, StringComparison.Ordinal);
        Assert.Contains("chown", exception.Message, StringComparison.Ordinal);
        Assert.Throws<EngineCacheException>(() => cache.Begin(Some.Key));
    }

    /// <summary>tests/standins/disk.c under another process: o is read-only, f full, s fails to synchronise, w to write.</summary>
    [Theory]
    [InlineData("probe", 'o', "Read-only file system")]
    [InlineData("probe", 'f', "No space left on device")]
    [InlineData("probe", 's', "Input/output error")]
    [InlineData("seal", 'f', "No space left on device")]
    [InlineData("seal", 's', "Input/output error")]
    [InlineData("seal", 'w', "Input/output error")]
    public void EveryOperation_DiskThatFails_SaysSoAndLeavesNoEngine(string what, char fault, string why)
    {
        _cache.Probe();
        var says = _folder.Write("fault", [(byte)'0']);
        using var child = OtherProcess.Start(what, _cache.Folder, ("LD_PRELOAD", Disk.Value), ("STANDIN_DISK", _cache.Folder), ("STANDIN_DISK_FAULT", says));
        if (what == "seal") child.ReadLine();
        using (var file = File.OpenWrite(says)) file.WriteByte((byte)fault); // in place: the other process has it in its memory
        var said = child.GoOn();
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.Contains("Make room on its disk", said, StringComparison.Ordinal);
        Assert.Null(_cache.Find(Some.Key, out var rejected));
        Assert.Null(rejected);
        Assert.Empty(Directory.GetDirectories(_cache.Folder, ".*"));
    }

    private static readonly Lazy<string> Disk = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("heartsound-standin-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var library = Path.Combine(folder, "disk.so");
        using var gcc = Process.Start("gcc", ["-shared", "-fPIC", "-O2", "-o", library, StandInOnnxRuntime.Source("disk.c"), "-ldl"]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
        return library;
    });

    private EngineCache Open() => new(Path.Combine(_folder.Path, "engines"), TimeProvider.System, _log);

    private void Spoil(string how)
    {
        var engine = Path.Combine(Entry, "some.engine");
        var entry = Path.Combine(Entry, "entry.json");
        var bytes = File.ReadAllBytes(engine);
        var json = File.ReadAllText(entry);
        void Rewrite(string from, string to)
        {
            Assert.Contains(from, json, StringComparison.Ordinal);
            File.WriteAllText(entry, json.Replace(from, to, StringComparison.Ordinal));
        }

        switch (how)
        {
            case "truncated": File.WriteAllBytes(engine, bytes.AsSpan(0, 2500)); break;
            case "empty": File.WriteAllBytes(engine, []); break;
            case "longer": File.WriteAllBytes(engine, [.. bytes, 0]); break;
            case "one bit":
                bytes[4321] ^= 4;
                File.WriteAllBytes(engine, bytes);
                break;
            case "missing": File.Delete(engine); break;
            case "a folder":
                File.Delete(engine);
                Directory.CreateDirectory(engine);
                break;
            case "a link":
                File.Move(engine, Path.Combine(_folder.Path, "elsewhere"));
                File.CreateSymbolicLink(engine, Path.Combine(_folder.Path, "elsewhere"));
                break;
            case "extra": File.WriteAllText(Path.Combine(Entry, "other.engine"), "x"); break;
            case "extra hidden": File.WriteAllText(Path.Combine(Entry, ".other"), "x"); break;
            case "extra folder": Directory.CreateDirectory(Path.Combine(Entry, "more")); break;
            case "no entry": File.Delete(entry); break;
            case "half an entry": File.WriteAllText(entry, json[..(json.Length / 2)]); break;
            case "empty entry": File.WriteAllText(entry, ""); break;
            case "garbage": File.WriteAllBytes(entry, Encoding.Latin1.GetBytes("\u007fELF\u0002\u0001\u0001\0þ\0")); break;
            case "list": File.WriteAllText(entry, "[]"); break;
            case "no schema": Rewrite("\"schema\": 1", "\"scheme\": 1"); break;
            case "newer": Rewrite("\"schema\": 1", "\"schema\": 2, \"more\": true"); break;
            case "unknown field": Rewrite("\"schema\": 1", "\"schema\": 1, \"more\": true"); break;
            case "null file": File.WriteAllText(entry, json[..json.IndexOf("\"files\"", StringComparison.Ordinal)] + "\"files\": [null]}"); break;
            case "no files": File.WriteAllText(entry, json[..json.IndexOf("\"files\"", StringComparison.Ordinal)] + "\"files\": []}"); break;
            case "no key": Rewrite("\"key\": {", "\"key\": null, \"number\": {"); break;
            case "entry is a folder":
                File.Delete(entry);
                Directory.CreateDirectory(entry);
                break;
            case "other key": Rewrite("8.2.1", "8.2.0"); break;
            case "moved here":
                Some.Build(_cache, ManyKeys["precision"]);
                Directory.Delete(Entry, recursive: true);
                Directory.Move(Path.Combine(_cache.Folder, ManyKeys["precision"].FolderName), Entry);
                break;
            case "a file":
                Directory.Delete(Entry, recursive: true);
                File.WriteAllText(Entry, "x");
                break;
            case "a link that leads nowhere":
                Directory.Delete(Entry, recursive: true);
                File.CreateSymbolicLink(Entry, Path.Combine(_folder.Path, "nowhere"));
                break;
            default: throw new ArgumentException(how);
        }
    }
}
