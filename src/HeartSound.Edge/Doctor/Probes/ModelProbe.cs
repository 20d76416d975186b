using System.Diagnostics;
using System.Text.Json.Nodes;
using HeartSound.Edge.Inference;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether the model of the settings loads, is reproduced by this machine's CPU, and is fast enough for it: the CPU computes until an engine is there, and whenever one fails.</summary>
internal static class ModelProbe
{
    private const int Windows = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static Probe Create() => new("model", "model", Limit, (facts, _) =>
    {
        try
        {
            using var model = ModelBundle.Load(facts.Settings.Model.Path, new OnnxOptions { Providers = [OnnxProvider.Cpu], IntraOpThreads = 1 });
            var results = GoldenCheck.Run(model);
            var (window, hop) = (MedianMilliseconds(model), model.Manifest.FrontEnd.WindowHopSeconds);
            var details = new JsonObject
            {
                ["id"] = model.Manifest.Id,
                ["version"] = model.Manifest.Version,
                ["path"] = model.ModelPath,
                ["sha256"] = model.Sha256[..16], // all 64 digits would look like a key
                ["provider"] = model.Provider.ToString(),
                ["goldens"] = results.Count,
                ["reproduced"] = results.All(r => r.Fault is null),
                ["windowMs"] = Math.Round(window, 3),
                ["hopSeconds"] = hop,
            };
            var text = FormattableString.Invariant($"{model.Manifest.Id} {model.Manifest.Version} on {model.Provider}, {window:0.0} ms a window, one every {hop} s");
            if (results.FirstOrDefault(r => r.Fault is not null) is { } wrong)
                return new Finding("model", FindingLevel.Failed, $"{text}. This machine does not reproduce its golden '{wrong.Name}': {wrong.Fault}", "Copy the model again, or try another ONNX Runtime. The device gives no verdict with it.", details);
            return window > hop * 1000
                ? new Finding("model", FindingLevel.Failed, $"{text}: this machine is too slow for it", "Take a smaller model ('heartsound model list'), or a faster power mode.", details)
                : window > hop * 500
                    ? new Finding("model", FindingLevel.Warning, $"{text}: over half of the time there is", "Take a smaller model ('heartsound model list'), or a faster power mode.", details)
                    : new Finding("model", FindingLevel.Ok, $"{text}; {results.Count} goldens reproduced", null, details);
        }
        catch (Exception e) when (e is OnnxRuntimeException or ModelException)
        {
            return new Finding("model", FindingLevel.Failed, e.Message, "'heartsound model list' shows the models that are there; model.path takes one.");
        }
    });

    private static double MedianMilliseconds(ModelBundle model)
    {
        var spec = model.Manifest.FrontEnd;
        var features = new float[spec.MelBands * spec.WindowFrames];
        var logits = new float[model.Manifest.Labels.Count];
        using var classifier = model.CreateClassifier();
        var times = new double[Windows];
        for (var i = 0; i < Windows; i++)
        {
            var started = Stopwatch.GetTimestamp();
            classifier.Classify(features, logits);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return times.Order().ElementAt(Windows / 2);
    }
}
