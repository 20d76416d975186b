using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Outputs;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Hosting;

/// <summary>A device that is put together and ready: model, classifier, sinks. Disposing it says goodbye to the broker.</summary>
public sealed partial class Device : IDisposable
{
    private readonly IClassifier _classifier;
    private readonly VerdictDispatcher _sinks;
    private readonly ILogger _log;

    /// <param name="model">Stays the caller's.</param>
    /// <param name="name">Of the device.</param>
    /// <param name="session">Of this run.</param>
    /// <param name="sinks">Theirs from now on to dispose is the device's.</param>
    /// <param name="store">Numbers a verdict and keeps it; null where none is kept.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="logs">Where everything is said.</param>
    /// <param name="monitor">Who watches it; null when nobody does.</param>
    /// <param name="engine">Computes the model where it can, instead of <paramref name="model"/>; stays the caller's.</param>
    public Device(ModelBundle model, string name, Guid session, IReadOnlyList<IVerdictSink> sinks, Func<VerdictMessage, VerdictMessage>? store, DeviceClock clock, ILoggerFactory logs, DeviceMonitor? monitor = null, EngineKeeper? engine = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _log = logs.CreateLogger<Device>();
        _classifier = engine?.CreateClassifier() ?? model.CreateClassifier();
        var alone = EngineStatus.Of(model);
        _sinks = new VerdictDispatcher(monitor?.Metrics?.Timed(sinks) ?? sinks, logs.CreateLogger<VerdictDispatcher>(), monitor?.Progress, monitor?.Metrics?.Timed(store) ?? store);
        monitor?.Metrics?.Watch(_sinks);
        Service = new ListeningService(model.Manifest, _classifier, _sinks, new VerdictStamp(name, session, ModelPart.Of(model), () => engine?.Status ?? alone, clock), logs.CreateLogger<ListeningService>(), monitor);
        LogReady(model.Manifest.Id, model.Manifest.Version, model.Provider.ToString(), model.Library.Version);
        foreach (var note in model.ProviderNotes) LogProvider(note);
    }

    public ListeningService Service { get; }

    /// <summary>Waits until every verdict has arrived, at the most this long, and returns how many have not.</summary>
    public int Deliver(TimeSpan deadline)
    {
        var missing = _sinks.Complete(deadline);
        if (missing > 0) LogMissing(missing, deadline.TotalSeconds);
        return missing;
    }

    public void Dispose()
    {
        _sinks.Dispose();
        _classifier.Dispose();
    }

    [LoggerMessage(1101, LogLevel.Information, "Model {Model} {Version} on {Provider}, ONNX Runtime {Runtime}; this machine reproduces its goldens")]
    private partial void LogReady(string model, string version, string provider, string runtime);

    [LoggerMessage(1102, LogLevel.Warning, "{Note}")]
    private partial void LogProvider(string note);

    [LoggerMessage(1103, LogLevel.Error, "{Missing} verdicts have not arrived within {Seconds} s")]
    private partial void LogMissing(int missing, double seconds);
}
