using System.Diagnostics;
using System.Globalization;
using HeartSound.Native.Cuda;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>
/// Brings a way to compute the model on the GPU to life:
/// <code>
/// TensorRT: kept engine? ─ no → (1) build: its own process, last in line for processor and memory → (2) goldens → (3) seal ─┐
///                        └ yes ────────────────────────────────────────────────────────────────────────────────────────────┴→ (4) load: a new process → (5) goldens → live
/// CUDA:                                                                                                                       (4) load → (5) goldens → live
/// </code>
/// What is loaded at the end is what every start loads, so that a kept engine is never tried for the first time when it is needed. An engine that computes wrongly is kept as
/// such, and not built again. Belongs to one thread.
/// </summary>
internal sealed partial class EngineWorkshop
{
    /// <summary>How long a provider may take to load what is built, and CUDA to start: seconds, on a slow board with a slow card more.</summary>
    private static readonly TimeSpan LoadLimit = TimeSpan.FromMinutes(3);

    /// <summary>Loads of a kept engine that may fail one after the other before it is built again.</summary>
    private const int MostFailedLoads = 5;

    /// <summary>In a kept engine's folder: why it must not be used.</summary>
    private const string WrongFile = "wrong.txt";

    private readonly ModelBundle _model;
    private readonly EngineOptions _options;
    private readonly EngineCache _cache;
    private readonly ILogger _log;
    private readonly Dictionary<EngineCandidate, int> _failedLoads = [];

    /// <param name="model">On the CPU; stays the caller's.</param>
    /// <param name="options">Of the device.</param>
    /// <param name="logs">Where it is said.</param>
    public EngineWorkshop(ModelBundle model, EngineOptions options, ILoggerFactory logs)
    {
        _model = model;
        _options = options;
        _log = logs.CreateLogger<EngineWorkshop>();
        _cache = new EngineCache(options.Folder, TimeProvider.System, logs.CreateLogger<EngineCache>());
    }

    /// <summary>Where engines are kept.</summary>
    public EngineCache Cache => _cache;

    /// <summary>What the GPU and NVIDIA's libraries say of themselves; nothing before <see cref="Plan"/> had a reason to ask them.</summary>
    public GpuFacts Facts { get; private set; } = GpuFacts.OfSystem();

    /// <summary>Whether <paramref name="provider"/> is here at all.</summary>
    public bool IsInstalled(OnnxProvider provider) => _model.Library.WhyNot(provider) is null;

    /// <summary>The ways to try, in order, and why others that were asked for are not among them.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public EnginePlan Plan(IReadOnlyList<OnnxProvider> asked, CancellationToken stop)
    {
        if (asked.Any(p => p != OnnxProvider.Cpu && IsInstalled(p))) Facts = SpareProcess.ReadGpuFacts(stop);
        var candidates = new List<EngineCandidate>();
        var absent = new List<string>();
        var refused = new List<string>();
        foreach (var provider in asked.TakeWhile(p => p != OnnxProvider.Cpu))
        {
            if (_model.Library.WhyNot(provider) is { } reason)
            {
                absent.Add($"{provider}: {reason}");
                continue;
            }

            foreach (var precision in PrecisionsOf(provider))
            {
                if (PrecisionRule.WhyNot(precision, Facts.ComputeCapability) is { } why) refused.Add($"{provider} {precision}: {why}");
                else candidates.Add(new EngineCandidate(provider, precision));
            }
        }

        return new EnginePlan(candidates, absent, refused);
    }

    /// <summary>How long it takes to build, as far as it was built before; null when nobody knows.</summary>
    public TimeSpan? ExpectedBuild(EngineCandidate candidate) => candidate.Provider == OnnxProvider.TensorRt ? _cache.ExpectedBuild(KeyOf(candidate)) : null;

    /// <summary>The engine, loaded and held against the goldens; the caller's to dispose.</summary>
    /// <param name="candidate">What to bring to life.</param>
    /// <param name="began">Told what is being done.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="EngineException">It cannot be built or loaded, or computes wrongly.</exception>
    /// <exception cref="EngineCacheException">It cannot be kept.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public EngineProcess BringUp(EngineCandidate candidate, Action<EngineState> began, CancellationToken stop)
    {
        if (candidate.Provider != OnnxProvider.TensorRt)
        {
            began(EngineState.Loading);
            return Load(candidate, null, stop);
        }

        var key = KeyOf(candidate);
        if (_cache.Find(key, out _) is { } kept)
        {
            if (Wrong(kept) is { } wrong)
            {
                kept.Dispose();
                throw new EngineException(wrong, isAnswerWrong: true);
            }

            began(EngineState.Loading);
            try
            {
                var engine = LoadKept(candidate, kept, stop);
                _failedLoads.Remove(candidate);
                return engine;
            }
            catch (EngineException e) when (IsToBlame(candidate, e))
            {
                LogUnusable(candidate, e.Message);
                _cache.Remove(key, e.Message);
            }
        }

        began(EngineState.Building);
        var built = Build(candidate, key, stop);
        began(EngineState.Loading);
        return LoadKept(candidate, built, stop);
    }

    /// <summary>Whether the kept engine is to blame for a load that failed, and is to be built again: a GPU that is lost, hangs or has no memory is no reason to throw away what took minutes.
    /// One that cannot be loaded time and again is given up all the same.</summary>
    private bool IsToBlame(EngineCandidate candidate, EngineException fault)
    {
        var failed = _failedLoads[candidate] = _failedLoads.GetValueOrDefault(candidate) + 1;
        if (!fault.IsAnswerWrong && !fault.IsKeptBad && !fault.Message.Contains("deserialize", StringComparison.OrdinalIgnoreCase) && failed < MostFailedLoads) return false;
        _failedLoads.Remove(candidate);
        return true;
    }

    /// <summary>Why <paramref name="candidate"/> cannot be used as things are; null when it computes, and rightly. Builds nothing.</summary>
    public string? WhyNot(EngineCandidate candidate, CancellationToken stop)
    {
        string? folder = null;
        if (candidate.Provider == OnnxProvider.TensorRt)
        {
            using var kept = _cache.Find(KeyOf(candidate), out var rejected);
            if (kept is null) return rejected is null ? "no engine is built yet" : $"the engine that was kept is gone: {rejected}";
            if (Wrong(kept) is { } wrong) return wrong;
            folder = kept.Folder;
        }

        try
        {
            Load(candidate, folder, stop).Dispose();
            return null;
        }
        catch (EngineException e)
        {
            return e.Message;
        }
    }

    private IEnumerable<EnginePrecision> PrecisionsOf(OnnxProvider provider) => (provider, _options.Precision) switch
    {
        (OnnxProvider.TensorRt, EnginePrecision.Int8) => [EnginePrecision.Int8, EnginePrecision.Fp16, EnginePrecision.Fp32],
        (OnnxProvider.TensorRt, EnginePrecision.Fp16) => [EnginePrecision.Fp16, EnginePrecision.Fp32],
        _ => [EnginePrecision.Fp32],
    };

    private EngineKey KeyOf(EngineCandidate candidate) => new()
    {
        ModelSha256 = _model.Sha256,
        Provider = candidate.Provider.ToString(),
        Precision = candidate.Precision,
        OnnxRuntime = _model.Library.Version,
        TensorRt = Facts.TensorRt,
        Cuda = Facts.Cuda,
        ComputeCapability = Facts.ComputeCapability,
        L4t = Facts.L4t,
        WorkspaceBytes = WorkspaceBytes,
    };

    private TimeSpan BuildLimit => TimeSpan.FromMinutes(_options.BuildMinutes);

    private long WorkspaceBytes => (long)_options.WorkspaceMegabytes << 20;

    private CachedEngine Build(EngineCandidate candidate, EngineKey key, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        using var draft = _cache.Begin(key);
        LogBuilding(candidate, _cache.ExpectedBuild(key) is { } before ? string.Create(CultureInfo.InvariantCulture, $"last time it took {before.TotalSeconds:0} s") : "it was never built here");
        using (var engine = new EngineProcess(Order(candidate, draft.Folder) with { TimingFolder = _cache.TimingFolder, IsBackground = true }, BuildLimit, line => LogSaid(candidate, line)))
        {
            engine.WaitUntilLoaded(BuildLimit, stop);
            if (Fault(engine) is { } wrong)
            {
                engine.Dispose();
                foreach (var file in Directory.GetFiles(draft.Folder)) File.Delete(file);
                File.WriteAllText(Path.Combine(draft.Folder, WrongFile), wrong);
                draft.Seal(Stopwatch.GetElapsedTime(start)).Dispose();
                throw new EngineException(wrong, isAnswerWrong: true);
            }
        }

        var took = Stopwatch.GetElapsedTime(start);
        var built = draft.Seal(took);
        _cache.Prune();
        LogBuilt(candidate, took.TotalSeconds);
        return built;
    }

    /// <summary>Why a kept engine must not be used; null when it may.</summary>
    private static string? Wrong(CachedEngine kept)
    {
        var file = Path.Combine(kept.Folder, WrongFile);
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    /// <summary>A provider that does not take the kept engine builds another in its place, at every start and in nobody's sight: that is no kept engine.</summary>
    private EngineProcess LoadKept(EngineCandidate candidate, CachedEngine kept, CancellationToken stop)
    {
        EngineProcess engine;
        try
        {
            engine = Load(candidate, kept.Folder, stop);
        }
        catch
        {
            kept.Dispose();
            throw;
        }

        engine.Holds = kept;
        if (kept.FindFault() is not { } changed) return engine;
        engine.Dispose();
        throw new EngineException($"{candidate.Provider} did not take the engine that was kept, and wrote another: {changed}", isKeptBad: true);
    }

    private EngineProcess Load(EngineCandidate candidate, string? folder, CancellationToken stop)
    {
        var engine = new EngineProcess(Order(candidate, folder), TimeSpan.FromMilliseconds(_options.WindowMilliseconds), line => LogSaid(candidate, line));
        try
        {
            engine.WaitUntilLoaded(LoadLimit, stop);
            if (Fault(engine) is { } wrong) throw new EngineException(wrong, isAnswerWrong: true);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private EngineOrder Order(EngineCandidate candidate, string? folder) => new()
    {
        Model = _model.ModelPath,
        Provider = candidate.Provider,
        Precision = candidate.Precision,
        WorkspaceBytes = WorkspaceBytes,
        EngineFolder = folder,
    };

    /// <summary>How it differs from the goldens; null when it reproduces them.</summary>
    private string? Fault(EngineProcess engine) =>
        GoldenCheck.Run(_model, engine).FirstOrDefault(r => r.Fault is not null) is { } wrong ? $"does not reproduce the model's goldens ({wrong.Name}: {wrong.Fault})" : null;

    [LoggerMessage(3530, LogLevel.Information, "{Candidate}: an engine is being built; {Before}")]
    private partial void LogBuilding(EngineCandidate candidate, string before);

    [LoggerMessage(3531, LogLevel.Information, "{Candidate}: the engine is built, reproduces the goldens and is kept; it took {Seconds:0} s")]
    private partial void LogBuilt(EngineCandidate candidate, double seconds);

    [LoggerMessage(3532, LogLevel.Warning, "{Candidate}: the engine that was kept is of no use, and another is built: {Why}")]
    private partial void LogUnusable(EngineCandidate candidate, string why);

    [LoggerMessage(3533, LogLevel.Debug, "{Candidate} says: {Line}")]
    private partial void LogSaid(EngineCandidate candidate, string line);
}

/// <summary>What to try, in order.</summary>
/// <param name="Candidates">The ways to compute on the GPU.</param>
/// <param name="Absent">Why providers that were asked for are not here: they are not installed.</param>
/// <param name="Refused">Why a precision that was asked for is not tried.</param>
internal sealed record EnginePlan(IReadOnlyList<EngineCandidate> Candidates, IReadOnlyList<string> Absent, IReadOnlyList<string> Refused)
{
    /// <summary>Why not all that was asked for is tried; null when it is.</summary>
    public string? Why => Absent.Count + Refused.Count == 0 ? null : string.Join("; ", Absent.Concat(Refused));
}
