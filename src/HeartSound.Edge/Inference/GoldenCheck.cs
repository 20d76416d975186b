using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Edge.Inference;

/// <summary>Holds this machine – front end and network together – against a model's goldens. A machine that fails may not give verdicts.</summary>
public static class GoldenCheck
{
    /// <summary>Runs every case. Never throws for a difference: it is in the result.</summary>
    /// <exception cref="ModelException">The goldens cannot be read.</exception>
    public static IReadOnlyList<GoldenResult> Run(ModelBundle model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var classifier = model.CreateClassifier();
        return Run(model, classifier);
    }

    /// <summary>Runs every case through <paramref name="classifier"/>, which computes <paramref name="model"/> elsewhere; what that throws comes out.</summary>
    /// <exception cref="ModelException">The goldens cannot be read.</exception>
    public static IReadOnlyList<GoldenResult> Run(ModelBundle model, IClassifier classifier)
    {
        ArgumentNullException.ThrowIfNull(model);
        return GoldenFile.Load(model).Cases.Select(c => Run(c, model, classifier)).ToList();
    }

    /// <exception cref="ModelException">This machine does not reproduce the model.</exception>
    public static void Demand(ModelBundle model)
    {
        var failed = Run(model).Where(r => r.Fault is not null).ToList();
        if (failed.Count == 0) return;
        throw new ModelException($"{model.ModelPath}: this machine ({model.Provider}, ONNX Runtime {model.Library.Version}) does not reproduce the model's goldens, so its verdicts could be wrong and it gives none:"
            + string.Concat(failed.Select(r => $"\n  - {r.Name}: {r.Fault}"))
            + "\nTry another ONNX Runtime (HEARTSOUND_ONNXRUNTIME) or provider, or copy the model again.");
    }

    /// <summary>Loads a model with one thread a session, for a device has one window at a time and the verbs parallelise over recordings, and holds the machine against its goldens.</summary>
    /// <exception cref="ModelException">It cannot be loaded, or this machine does not reproduce it.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime is missing, or refuses the network.</exception>
    public static ModelBundle LoadVerified(string? path, IReadOnlyList<OnnxProvider> providers)
    {
        var model = ModelBundle.Load(path, new OnnxOptions { Providers = providers, IntraOpThreads = 1 });
        try
        {
            Demand(model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static GoldenResult Run(GoldenCase golden, ModelBundle model, IClassifier classifier)
    {
        var manifest = model.Manifest;
        var labels = manifest.Labels;
        var size = manifest.FrontEnd.MelBands * manifest.FrontEnd.WindowFrames;
        float[] samples, features;
        try
        {
            samples = GoldenCase.Decode(golden.Samples);
            features = GoldenCase.Decode(golden.Features);
        }
        catch (FormatException e)
        {
            return new GoldenResult(golden.Name, golden.Windows, 0, 0, $"the golden is damaged: {e.Message}");
        }

        if (features.Length != golden.Windows * size || golden.Logits.Count != golden.Windows || golden.Labels.Count != golden.Windows || golden.Logits.Any(l => l is null || l.Count != labels.Count))
            return new GoldenResult(golden.Name, golden.Windows, 0, 0, "the golden does not have the model's shape");

        if (!Resampler.Supports(golden.SampleRateHz, manifest.FrontEnd.SampleRateHz, out var why))
            return new GoldenResult(golden.Name, golden.Windows, 0, 0, $"the golden is damaged: {why}");

        var logits = new float[labels.Count];
        double featureError = 0, logitError = 0;
        var windows = 0;
        string? wrongLabel = null;

        var frontEnd = new FrontEnd(manifest.FrontEnd, golden.SampleRateHz, (in window) =>
        {
            if (windows < golden.Windows)
            {
                var expected = features.AsSpan(windows * size, size);
                for (var i = 0; i < size; i++) featureError = Worse(featureError, window.Features[i] - expected[i]);
                classifier.Classify(window.Features, logits);
                for (var l = 0; l < logits.Length; l++) logitError = Worse(logitError, logits[l] - golden.Logits[windows][l]);
                var label = labels[logits.AsSpan().IndexOf(logits.Max())];
                if (label != golden.Labels[windows]) wrongLabel ??= $"window {windows} is '{label}', must be '{golden.Labels[windows]}'";
            }

            windows++;
        });
        frontEnd.Listen(samples);
        frontEnd.Complete();

        var fault = windows != golden.Windows ? $"{windows} windows, must be {golden.Windows}"
            : featureError > manifest.GoldenTolerance.Features ? FormattableString.Invariant($"features differ by {featureError:g3}, at most {manifest.GoldenTolerance.Features:g3} is allowed")
            : logitError > manifest.GoldenTolerance.Logits ? FormattableString.Invariant($"logits differ by {logitError:g3}, at most {manifest.GoldenTolerance.Logits:g3} is allowed")
            : wrongLabel;
        return new GoldenResult(golden.Name, golden.Windows, featureError, logitError, fault);
    }

    // NaN counts as infinitely wrong; a plain Math.Max would do, but not say so.
    private static double Worse(double worst, double difference) => double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, Math.Abs(difference));
}

/// <summary>How one golden case came out.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Windows">Windows in the case.</param>
/// <param name="FeatureError">Largest difference of a feature.</param>
/// <param name="LogitError">Largest difference of a logit.</param>
/// <param name="Fault">What is wrong; null when the case is reproduced.</param>
public sealed record GoldenResult(string Name, int Windows, double FeatureError, double LogitError, string? Fault);
