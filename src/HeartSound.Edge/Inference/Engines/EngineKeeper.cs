using System.Diagnostics;
using HeartSound.Edge.Health;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>
/// The engine's life, on a thread of its own, while the CPU computes:
/// <code>
/// (1) what can be tried here? → (2) bring the first of it to life, else the next → (3) live: windows go to it → (4) it failed: windows go to the CPU, wait, and again from (2)
/// </code>
/// No window waits for it: the pipeline asks what is live, and what is not does not exist. Whoever makes it disposes it, after its classifiers.
/// </summary>
public sealed partial class EngineKeeper : IDisposable
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    /// <summary>An engine that computed for so long was well, and its failure is a new one.</summary>
    private static readonly TimeSpan Proven = TimeSpan.FromMinutes(10);

    /// <summary>How often it is seen whether the engine's process is still there.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly EngineWorkshop _workshop;
    private readonly ModelBundle _model;
    private readonly IReadOnlyList<OnnxProvider> _asked;
    private readonly DeviceHealth _health;
    private readonly ILogger _log;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stop = new();
    private readonly AutoResetEvent _retired = new(initialState: false);
    private readonly HashSet<EngineCandidate> _wrong = [];
    private EngineProcess? _live;
    private volatile EngineStatus _status;
    private EngineException? _fault; // of the engine that was retired; written before _retired is set
    private PartLevel _level = PartLevel.Ok;
    private bool _isCacheBroken;
    private Thread? _thread;

    /// <param name="model">On the CPU, held against its goldens; stays the caller's.</param>
    /// <param name="asked">Providers, in order.</param>
    /// <param name="options">Of the device.</param>
    /// <param name="health">Told how the engine is.</param>
    /// <param name="logs">Where it is said.</param>
    /// <exception cref="EngineCacheException">There is an engine to build, and it cannot be kept.</exception>
    public EngineKeeper(ModelBundle model, IReadOnlyList<OnnxProvider> asked, EngineOptions options, DeviceHealth health, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _model = model;
        _asked = asked;
        _health = health;
        _log = logs.CreateLogger<EngineKeeper>();
        _backoff = new Backoff(TimeSpan.FromSeconds(options.RetrySeconds), LongestRetry);
        _workshop = new EngineWorkshop(model, options, logs);
        _status = new EngineStatus { Asked = asked, State = EngineState.CpuOnly };
        if (!asked.Contains(OnnxProvider.TensorRt) || !_workshop.IsInstalled(OnnxProvider.TensorRt)) return;
        try
        {
            _workshop.Cache.Probe();
        }
        catch (EngineCacheException e) when (IsDisk(e))
        {
            // A full or a failing disk: no reason not to listen. It is tried again, and said.
            LogCache(e.Message);
        }
    }

    /// <summary>Any thread: what computes, and why.</summary>
    public EngineStatus Status => _status;

    /// <summary>The engine that computes; null while the CPU does.</summary>
    internal EngineProcess? Live => Volatile.Read(ref _live);

    /// <summary>For the pipeline's thread: the engine where one is live, else the CPU.</summary>
    public IClassifier CreateClassifier() => new EngineClassifier(_model, this);

    /// <summary>Begins to bring an engine to life. Returns at once.</summary>
    public void Start()
    {
        _thread = new Thread(Keep) { Name = "engine keeper", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _retired.Set();
        if (_thread?.Join(TimeSpan.FromSeconds(5)) == false) LogSlow();
        Interlocked.Exchange(ref _live, null)?.Dispose();
    }

    /// <summary>Any thread: it failed with a window, or is gone. Who says it first is heard.</summary>
    internal void Retire(EngineProcess engine, EngineException fault)
    {
        if (Interlocked.CompareExchange(ref _live, null, engine) != engine) return;
        _fault = fault;
        _retired.Set();
    }

    /// <summary>Whether the disk is full or failing (ENOSPC, EIO, EDQUOT), and not the folder a wrong one.</summary>
    private static bool IsDisk(EngineCacheException e) => e.InnerException is IOException { HResult: 28 or 5 or 122 };

    private void Keep()
    {
        try
        {
            // Step 1: What can be tried here?
            var plan = _workshop.Plan(_asked, _stop.Token);
            if (plan.Candidates.Count == 0)
            {
                StayOnCpu(plan);
                return;
            }

            while (!_stop.IsCancellationRequested)
            {
                var engine = BringUp(plan, out var why);
                if (engine is null)
                {
                    var delay = _backoff.Next();
                    Become(PartLevel.Degraded, _isCacheBroken ? EngineState.CacheFailed : EngineState.Fallback, $"{why}. The CPU computes", retryIn: delay);
                    _stop.Token.WaitHandle.WaitOne(delay);
                    continue;
                }

                // Step 3: Live.
                var since = Stopwatch.GetTimestamp();
                Volatile.Write(ref _live, engine);
                var isFirstChoice = engine.Candidate == plan.Candidates[0] && plan.Why is null;
                Become(isFirstChoice ? PartLevel.Ok : PartLevel.Degraded, isFirstChoice ? EngineState.Live : EngineState.Fallback, why, engine.Candidate);
                LogLive(engine.Candidate, engine.Hello.OnnxRuntime, engine.Hello.LoadSeconds, engine.ProcessId);
                // Nobody may be at the stethoscope for hours: that it is gone is seen all the same.
                while (!_retired.WaitOne(Look))
                {
                    if (engine.Ended is { } how) Retire(engine, new EngineException($"{how} while it had nothing to do"));
                }

                if (_stop.IsCancellationRequested) return;

                // Step 4: It failed. The pipeline has gone on on the CPU already.
                engine.Dispose();
                _health.Count("engineFailures");
                if (_fault!.IsAnswerWrong) _wrong.Add(engine.Candidate);
                if (Stopwatch.GetElapsedTime(since) > Proven) _backoff.Reset();
                var pause = _backoff.Next();
                Become(PartLevel.Degraded, EngineState.Retired, $"{engine.Candidate} failed: {_fault.Message}. The CPU computes", retryIn: pause);
                _stop.Token.WaitHandle.WaitOne(pause);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
#pragma warning disable CA1031 // Whatever goes wrong with the engine must not take down a device whose CPU computes.
        catch (Exception e)
        {
            Become(PartLevel.Degraded, EngineState.Fallback, $"{e.Message} The CPU computes");
            LogFailed(e);
        }
#pragma warning restore CA1031
    }

    /// <summary>Nothing else can be tried: as it was asked for, or because nothing is installed, which on a Jetson is a fault.</summary>
    private void StayOnCpu(EnginePlan plan)
    {
        if (_asked.All(p => p == OnnxProvider.Cpu))
        {
            Become(PartLevel.Ok, EngineState.CpuOnly, null);
            return;
        }

        var isJetson = _workshop.Facts.L4t is not null;
        Become(isJetson || plan.Absent.Count == 0 ? PartLevel.Degraded : PartLevel.Ok, EngineState.NotInstalled,
            isJetson ? $"{plan.Why}. This is a Jetson: scripts/build-onnxruntime-l4t.sh makes an ONNX Runtime that has it" : plan.Why);
    }

    /// <summary>Step 2: the first that can be brought to life.</summary>
    private EngineProcess? BringUp(EnginePlan plan, out string? why)
    {
        var faults = plan.Why is { } planned ? new List<string> { planned } : [];
        var failed = new HashSet<OnnxProvider>();
        _isCacheBroken = false;
        foreach (var candidate in plan.Candidates)
        {
            // Another precision is the answer to wrong answers, not to a provider that does not work.
            if (_wrong.Contains(candidate) || failed.Contains(candidate.Provider)) continue;
            try
            {
                var engine = _workshop.BringUp(candidate, state => Prepare(state, candidate), _stop.Token);
                why = faults.Count > 0 ? string.Join("; ", faults) : null;
                return engine;
            }
            catch (Exception e) when (e is EngineException or EngineCacheException)
            {
                faults.Add($"{candidate}: {e.Message}");
                _isCacheBroken |= e is EngineCacheException;
                if (e is EngineException { IsAnswerWrong: true })
                {
                    _wrong.Add(candidate);
                    LogWrong(candidate, e.Message);
                }
                else
                {
                    failed.Add(candidate.Provider);
                    LogUnavailable(candidate, e.Message);
                }
            }
        }

        why = string.Join("; ", faults);
        return null;
    }

    private void Prepare(EngineState state, EngineCandidate candidate)
    {
        _status = _status with
        {
            State = state,
            Provider = OnnxProvider.Cpu,
            Precision = EnginePrecision.Fp32,
            Why = $"{candidate} is {(state == EngineState.Building ? "being built" : "being loaded")}; the CPU computes meanwhile",
            Preparing = candidate,
            PreparingSince = Stopwatch.GetTimestamp(),
            Expected = state == EngineState.Building ? _workshop.ExpectedBuild(candidate) : null,
            RetryAt = null,
        };
        _health.Report(DevicePart.Engine, _level, state, _status.Why); // after a fault it is not well again before it computes
    }

    private void Become(PartLevel level, EngineState state, string? why, EngineCandidate? live = null, TimeSpan? retryIn = null)
    {
        var retry = retryIn is { } delay ? FormattableString.Invariant($"; tried again in {delay.TotalSeconds:0} s") : "";
        _status = new EngineStatus
        {
            Asked = _asked,
            State = state,
            Provider = live?.Provider ?? OnnxProvider.Cpu,
            Precision = live?.Precision ?? EnginePrecision.Fp32,
            Why = why is null ? null : $"{why}{retry}",
            RetryAt = retryIn is { } wait ? Stopwatch.GetTimestamp() + (long)(wait.TotalSeconds * Stopwatch.Frequency) : null,
        };
        _level = level;
        _health.Report(DevicePart.Engine, level, state, _status.Why);
    }

    [LoggerMessage(3540, LogLevel.Information, "{Candidate} computes from the next window on: ONNX Runtime {Runtime}, loaded in {Seconds:0.0} s by process {Process}, reproduces the goldens")]
    private partial void LogLive(EngineCandidate candidate, string runtime, double seconds, int process);

    [LoggerMessage(3541, LogLevel.Warning, "{Candidate} cannot be used: {Why}")]
    private partial void LogUnavailable(EngineCandidate candidate, string why);

    [LoggerMessage(3542, LogLevel.Error, "{Candidate} computes wrongly and is not used: {Why}")]
    private partial void LogWrong(EngineCandidate candidate, string why);

    [LoggerMessage(3545, LogLevel.Error, "{Why}")]
    private partial void LogCache(string why);

    [LoggerMessage(3543, LogLevel.Error, "The engine's keeper has ended")]
    private partial void LogFailed(Exception cause);

    [LoggerMessage(3544, LogLevel.Warning, "The engine's process is still not gone")]
    private partial void LogSlow();
}
