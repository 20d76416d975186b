using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>
/// The pipeline's network: the live engine, else the CPU. A window that the engine does not answer, or answers with nonsense, is computed by the CPU, and the engine is retired.
/// Now and then a window is computed by both, so that an engine that was right when it was loaded and is wrong now does not go on. Belongs to one thread; allocates nothing.
/// </summary>
internal sealed class EngineClassifier(ModelBundle model, EngineKeeper keeper) : IClassifier
{
    /// <summary>Every so many windows of the engine the CPU is asked too; the first is one of them.</summary>
    private const int CheckEvery = 20;

    /// <summary>How much further than from the goldens an engine may be from the CPU: real windows reach further than simulated ones, where half precision is coarser.</summary>
    private const double Slack = 5, RelativeSlack = 0.02;

    private readonly IClassifier _cpu = model.CreateClassifier();
    private readonly float[] _checked = new float[model.Manifest.Labels.Count];
    private EngineProcess? _last;
    private int _windows;

    public OnnxProvider Provider { get; private set; } = OnnxProvider.Cpu;

    public void Classify(ReadOnlySpan<float> features, Span<float> logits)
    {
        if (keeper.Live is { } engine && Ask(engine, features, logits))
        {
            Provider = engine.Provider;
            return;
        }

        _cpu.Classify(features, logits);
        Provider = OnnxProvider.Cpu;
    }

    public void Dispose() => _cpu.Dispose();

    private bool Ask(EngineProcess engine, ReadOnlySpan<float> features, Span<float> logits)
    {
        try
        {
            engine.Classify(features, logits);
        }
        catch (EngineException e)
        {
            keeper.Retire(engine, e);
            return false;
        }

        if (_last != engine) (_last, _windows) = (engine, 0);
        if (_windows++ % CheckEvery != 0) return true;
        _cpu.Classify(features, _checked);
        if (Fault(logits) is not { } fault) return true;
        keeper.Retire(engine, new EngineException(fault, isAnswerWrong: true));
        return false;
    }

    private string? Fault(ReadOnlySpan<float> logits)
    {
        double difference = 0, size = 0;
        for (var label = 0; label < logits.Length; label++)
        {
            difference = Math.Max(difference, Math.Abs(logits[label] - _checked[label]));
            size = Math.Max(size, Math.Abs(_checked[label]));
        }

        var allowed = Math.Max(Slack * model.Manifest.GoldenTolerance.Logits, RelativeSlack * size);
        return difference <= allowed ? null : FormattableString.Invariant($"its logits differ from the CPU's by {difference:g3}, at most {allowed:g3} is allowed");
    }
}
