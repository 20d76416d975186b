using System.Text.Json.Nodes;
using HeartSound.Edge.Inference;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Which ONNX Runtime is there, and which of its providers really compute: one that is listed may still fail to load, or die with the first inference on this GPU.</summary>
internal static class RuntimeProbe
{
    // CUDA takes seconds to start on a small board. An engine of TensorRT may take minutes to build: only where the settings ask for it, as the service would.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<OnnxProvider, string> Listed = new()
    {
        [OnnxProvider.Cpu] = "CPUExecutionProvider",
        [OnnxProvider.Cuda] = "CUDAExecutionProvider",
        [OnnxProvider.TensorRt] = "TensorrtExecutionProvider",
    };

    public static Probe Create() => new("runtime", "ONNX Runtime", Limit, (facts, stop) =>
    {
        OnnxRuntimeLibrary library;
        try
        {
            library = OnnxRuntimeLibrary.Load();
        }
        catch (OnnxRuntimeException e)
        {
            return new Finding("runtime", FindingLevel.Failed, e.Message, "scripts/get-native.sh installs a fitting one.");
        }

        var wanted = facts.Settings.Model.Providers;
        var tried = new Dictionary<OnnxProvider, string?>(); // null: it computes
        foreach (var provider in Listed.Keys.Where(p => wanted.Contains(p) || (p != OnnxProvider.TensorRt && library.Providers.Contains(Listed[p]))))
        {
            stop.ThrowIfCancellationRequested();
            tried[provider] = library.Providers.Contains(Listed[provider]) ? Try(facts.Settings.Model.Path, provider) : "this build does not have it";
        }

        var details = new JsonObject
        {
            ["path"] = library.Path,
            ["version"] = library.Version,
            ["api"] = library.ApiVersion,
            ["listed"] = new JsonArray([.. library.Providers.Select(p => JsonValue.Create(p))]),
            ["providers"] = new JsonArray([.. tried.Select(t => new JsonObject { ["provider"] = t.Key.ToString(), ["wanted"] = wanted.Contains(t.Key), ["computes"] = t.Value is null, ["why"] = t.Value })]),
        };
        var computes = string.Join(", ", tried.Where(t => t.Value is null).Select(t => t.Key.ToString()));
        var text = $"{library.Version} ({library.Path}); computes on {(computes.Length > 0 ? computes : "nothing")}";
        var broken = wanted.Where(p => tried[p] is not null).ToList();
        if (broken.Count == 0) return new Finding("runtime", FindingLevel.Ok, text, null, details);
        var why = string.Join("; ", broken.Select(p => $"{p}: {tried[p]}"));
        return broken.Count == wanted.Count
            ? new Finding("runtime", FindingLevel.Failed, $"{text}. {why}", "Take a provider that computes into model.providers, or get an ONNX Runtime that has yours.", details)
            : new Finding("runtime", FindingLevel.Warning, $"{text}. {why}; the next one of model.providers computes instead", "Take out of model.providers what this machine has not, or get an ONNX Runtime that has it.", details);
    });

    private static string? Try(string? model, OnnxProvider provider)
    {
        try
        {
            using var bundle = ModelBundle.Load(model, new OnnxOptions { Providers = [provider], IntraOpThreads = 1 });
            return GoldenCheck.Run(bundle).FirstOrDefault(r => r.Fault is not null) is { } wrong ? $"it computes, and wrongly: {wrong.Fault}" : null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or ModelException)
        {
            return e.Message;
        }
    }
}
