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

    /// <summary>In a kept engine's folder: why it must not be used.</summary>
    private const string WrongFile = "wrong.txt";

    private readonly ModelBundle _model;
    private readonly EngineOptions _options;
    private readonly EngineCache _cache;
    private readonly GpuFacts _facts;
    private readonly ILogger _log;

    /// <param name="model">On the CPU; stays the caller's.</param>
    /// <param name="options">Of the device.</param>
    /// <param name="facts">What the GPU is.</param>
    /// <param name="log">Where it is said.</param>
    public EngineWorkshop(ModelBundle model, EngineOptions options, GpuFacts facts, ILogger log)
    {
        _model = model;
        _options = options;
        _facts = facts;
        _log = log;
        _cache = new EngineCache(options.Folder, log);
    }

    /// <summary>Where engines are kept.</summary>
    public EngineCache Cache => _cache;

    /// <summary>The ways to try, in order, and why others that were asked for are not among them.</summary>
    public EnginePlan Plan(IReadOnlyList<OnnxProvider> asked)
    {
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
                if (EnginePrecisions.WhyNot(precision, _facts.ComputeCapability) is { } why) refused.Add($"{provider} {precision}: {why}");
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
        if (_cache.Find(key) is { } kept)
        {
            if (kept.ReadText(WrongFile) is { } wrong) throw new EngineException(wrong, isAnswerWrong: true);
            began(EngineState.Loading);
            try
            {
                return LoadKept(candidate, key, stop);
            }
            catch (EngineException e)
            {
                LogUnusable(candidate, e.Message);
                _cache.Delete(key);
            }
        }

        began(EngineState.Building);
        Build(candidate, key, stop);
        began(EngineState.Loading);
        return LoadKept(candidate, key, stop);
    }

    /// <summary>Why <paramref name="candidate"/> cannot be used as things are; null when it computes, and rightly. Builds nothing.</summary>
    public string? WhyNot(EngineCandidate candidate, CancellationToken stop)
    {
        string? folder = null;
        if (candidate.Provider == OnnxProvider.TensorRt)
        {
            if (_cache.Find(KeyOf(candidate)) is not { } kept) return "no engine is built yet";
            if (kept.ReadText(WrongFile) is { } wrong) return wrong;
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
        Provider = candidate.Provider,
        Precision = candidate.Precision,
        OnnxRuntime = _model.Library.Version,
        TensorRt = _facts.TensorRt,
        Cuda = _facts.Cuda,
        ComputeCapability = _facts.ComputeCapability,
        L4t = _facts.L4t,
        WorkspaceBytes = WorkspaceBytes,
    };

    private long WorkspaceBytes => (long)_options.WorkspaceMegabytes << 20;

    private void Build(EngineCandidate candidate, EngineKey key, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        using var draft = _cache.Begin(key);
        LogBuilding(candidate, _cache.ExpectedBuild(key) is { } before ? string.Create(CultureInfo.InvariantCulture, $"last time it took {before.TotalSeconds:0} s") : "it was never built here");
        using (var engine = new EngineProcess(Order(candidate, draft.Folder) with { TimingFolder = _cache.TimingFolder, IsBackground = true }, _options.BuildMinutes * TimeSpan.FromMinutes(1), line => LogSaid(candidate, line)))
        {
            engine.WaitUntilLoaded(TimeSpan.FromMinutes(_options.BuildMinutes), stop);
            if (Fault(engine) is { } wrong)
            {
                draft.Empty();
                draft.Write(WrongFile, wrong);
                draft.Seal(Stopwatch.GetElapsedTime(start));
                throw new EngineException(wrong, isAnswerWrong: true);
            }
        }

        var took = Stopwatch.GetElapsedTime(start);
        draft.Seal(took);
        _cache.Prune();
        LogBuilt(candidate, took.TotalSeconds);
    }

    /// <summary>A provider that does not take the kept engine builds another in its place, at every start and in nobody's sight: that is no kept engine.</summary>
    private EngineProcess LoadKept(EngineCandidate candidate, EngineKey key, CancellationToken stop)
    {
        var kept = _cache.Find(key) ?? throw new EngineException("the engine that was kept is gone");
        var engine = Load(candidate, kept.Folder, stop);
        if (_cache.Find(key) is not null) return engine;
        engine.Dispose();
        throw new EngineException($"{candidate.Provider} did not take the engine that was kept, and wrote another");
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
