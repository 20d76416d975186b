using System.Text.Json.Nodes;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Native.Cuda;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Which ONNX Runtime is there, and which of the providers that are asked for really compute: one that is listed may still fail to load, or die with the first inference on
/// this GPU. The GPU is asked in a process of its own, as by the service, and builds nothing.</summary>
internal static class RuntimeProbe
{
    // CUDA takes seconds to start on a small board, and each way to compute is asked in turn.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

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

        var asked = facts.Settings.Model.Providers;
        var tried = new List<Way>();
        EnginePlan? plan = null;
        var gpu = GpuFacts.OfSystem();
        try
        {
            using var model = ModelBundle.Load(facts.Settings.Model.Path, new OnnxOptions { Providers = [OnnxProvider.Cpu], IntraOpThreads = 1 });
            var workshop = new EngineWorkshop(model, facts.Settings.Engine, NullLoggerFactory.Instance);
            plan = workshop.Plan(asked, stop);
            gpu = workshop.Facts;
            foreach (var candidate in plan.Candidates) tried.Add(new Way(candidate, workshop.WhyNot(candidate, stop)));
            var wrong = GoldenCheck.Run(model).FirstOrDefault(r => r.Fault is not null);
            tried.Add(new Way(new EngineCandidate(OnnxProvider.Cpu, EnginePrecision.Fp32), wrong is null ? null : $"it computes, and wrongly: {wrong.Fault}"));
        }
        catch (Exception e) when (e is OnnxRuntimeException or ModelException)
        {
            tried.Add(new Way(new EngineCandidate(OnnxProvider.Cpu, EnginePrecision.Fp32), e.Message));
        }

        var details = new JsonObject
        {
            ["path"] = library.Path,
            ["version"] = library.Version,
            ["api"] = library.ApiVersion,
            ["listed"] = new JsonArray([.. library.Providers.Select(p => JsonValue.Create(p))]),
            ["providers"] = new JsonArray([.. tried.Select(t => new JsonObject { ["provider"] = t.Candidate.Provider.ToString(), ["precision"] = t.Candidate.Precision.ToString(), ["computes"] = t.Fault is null, ["why"] = t.Fault })]),
            ["notInstalled"] = new JsonArray([.. (plan?.Absent ?? []).Select(a => JsonValue.Create(a))]),
            ["refused"] = new JsonArray([.. (plan?.Refused ?? []).Select(r => JsonValue.Create(r))]),
            ["tensorRt"] = gpu.TensorRt,
            ["cuda"] = gpu.Cuda,
            ["gpu"] = gpu.Name,
            ["computeCapability"] = gpu.ComputeCapability,
            ["l4t"] = gpu.L4t,
        };
        var computes = string.Join(", ", tried.Where(t => t.Fault is null).Select(t => t.Candidate.ToString()));
        var text = $"{library.Version} ({library.Path}); computes on {(computes.Length > 0 ? computes : "nothing")}";
        if (tried[^1].Fault is { } fault) return new Finding("runtime", FindingLevel.Failed, $"{text}. {fault}", "scripts/get-native.sh installs a fitting one; 'heartsound model verify' says more.", details);

        // Better arithmetic further down the list does not matter where the first way computes.
        var broken = tried.TakeWhile(t => t.Fault is not null).Select(t => $"{t.Candidate}: {t.Fault}").Concat(plan!.Refused).ToList();
        if (broken.Count > 0)
            return new Finding("runtime", FindingLevel.Warning, $"{text}. {string.Join("; ", broken)}", "'heartsound engine build' builds and checks what the service would use; docs/engine.md says what can be wrong.", details);
        var isMissed = plan.Absent.Count > 0 && (gpu.L4t is not null || facts.Loaded?.Origins.ContainsKey("model.providers") == true);
        return isMissed
            ? new Finding("runtime", FindingLevel.Warning, $"{text}. Not installed: {string.Join("; ", plan.Absent)}", "scripts/build-onnxruntime-l4t.sh makes an ONNX Runtime that has them, on a Jetson; elsewhere take them out of model.providers.", details)
            : new Finding("runtime", FindingLevel.Ok, text, null, details);
    });

    private sealed record Way(EngineCandidate Candidate, string? Fault);
}
