using System.CommandLine;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text.Json;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Settings;
using HeartSound.Native.Cuda;
using HeartSound.Native.OnnxRuntime;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>engine build</c>, <c>engine list</c> and <c>engine clear</c>: the GPU's engines of the model, built before they are needed, looked at, and thrown away.</summary>
internal static class EngineCommand
{
    /// <summary>How often <c>engine build</c> says that it is still at it.</summary>
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(10);

    public static Command Create() =>
        new("engine", "The GPU's engines of the model: built before they are needed, looked at, thrown away.") { Build(), List(), Clear(), Serve(), Facts() };

    private static Command Build()
    {
        var settings = new SettingChoices();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("build", "Builds the engine that the service would use, holds it against the model's goldens, and keeps it. Nothing to do where only the CPU is asked for, or nothing else is installed. Exit code 5 if no engine can be used.");
        foreach (var option in settings.Options) command.Add(option);
        command.Add(json);
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            using var logs = ServiceLog.Create(verbose: false);
            var told = SettingsFile.Load(settings.File(parsed), overrides: settings.Overrides(parsed)).Settings;
            using var model = GoldenCheck.LoadVerified(told.Model.Path, [OnnxProvider.Cpu]);
            return Build(model, told, logs, parsed.GetValue(json), stop);
        }, stop));
        return command;
    }

    private static int Build(ModelBundle model, DeviceSettings settings, ILoggerFactory logs, bool json, CancellationToken stop)
    {
        var workshop = new EngineWorkshop(model, settings.Engine, logs);
        var plan = workshop.Plan(settings.Model.Providers, stop);
        if (plan.Candidates.Any(c => c.Provider == OnnxProvider.TensorRt)) workshop.Cache.Probe();

        var start = Stopwatch.GetTimestamp();
        var faults = new List<string>();
        EngineCandidate? usable = null;
        foreach (var candidate in plan.Candidates)
        {
            var expected = workshop.ExpectedBuild(candidate);
            var state = EngineState.Loading;
            using var progress = new Timer(
                _ => Console.Error.WriteLine(FormattableString.Invariant($"{candidate}: {(state == EngineState.Building ? "building" : "loading")}, {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s{(expected is { } all ? $" of about {all.TotalSeconds:0}" : "")}")),
                null, ProgressPeriod, ProgressPeriod);
            try
            {
                workshop.BringUp(candidate, s => state = s, stop).Dispose();
                usable = candidate;
                break;
            }
            catch (Exception e) when (e is EngineException or EngineCacheException)
            {
                faults.Add($"{candidate}: {e.Message}");
            }
        }

        var isNothingToDo = plan.Candidates.Count == 0;
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                model = model.Manifest.Id,
                model.Sha256,
                asked = settings.Model.Providers.Select(p => p.ToString()),
                provider = (usable?.Provider ?? OnnxProvider.Cpu).ToString(),
                precision = usable?.Precision ?? EnginePrecision.Fp32,
                seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
                notInstalled = plan.Absent,
                refused = plan.Refused,
                faults,
            }, EdgeJson.Compact));
        }
        else
        {
            foreach (var fault in plan.Absent.Concat(plan.Refused).Concat(faults)) Console.Error.WriteLine(fault);
            Console.Out.WriteLine(isNothingToDo ? $"{model.Manifest.Id}: there is no engine to build; the CPU computes."
                : usable is { } ready ? $"{model.Manifest.Id}: {ready} is ready in {workshop.Cache.Folder} and reproduces the goldens."
                : $"{model.Manifest.Id}: no engine can be used; the CPU computes.");
        }

        return isNothingToDo || usable is not null ? ExitCode.Ok : ExitCode.NotReproduced;
    }

    private static Command List()
    {
        var settings = new SettingChoices();
        var json = new Option<bool>("--json") { Description = "One JSON array." };
        var command = new Command("list", "The engines that are kept, the newest first.");
        foreach (var option in settings.Options) command.Add(option);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var cache = Cache(settings, parsed);
            var kept = cache.List();
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(kept.Select(e => new { e.Key, e.Name, e.Built, buildSeconds = e.BuildTime?.TotalSeconds, e.Bytes, e.Fault }), EdgeJson.Compact));
                return ExitCode.Ok;
            }

            if (kept.Count == 0)
            {
                Console.Out.WriteLine($"No engine is kept in {cache.Folder}.");
                return ExitCode.Ok;
            }

            var table = new Table().Border(TableBorder.Rounded).AddColumn("model").AddColumn("engine").AddColumn("ONNX Runtime").AddColumn("TensorRT").AddColumn("GPU")
                .AddColumn(new TableColumn("built in").RightAligned()).AddColumn(new TableColumn("MB").RightAligned());
            foreach (var e in kept)
            {
                if (e.Key is not { } key) table.AddRow(new Text(e.Name), new Text(e.Fault ?? "cannot be read"), new Text(""), new Text(""), new Text(""), new Text(""), new Text(FormattableString.Invariant($"{e.Bytes / 1e6:0.0}")));
                else table.AddRow(new Text(key.ModelSha256[..12]), new Text($"{key.Provider} {key.Precision}"), new Text(key.OnnxRuntime), new Text(key.TensorRt ?? "-"), new Text(key.ComputeCapability ?? "-"),
                    new Text(FormattableString.Invariant($"{e.BuildTime?.TotalSeconds:0} s")), new Text(FormattableString.Invariant($"{e.Bytes / 1e6:0.0}")));
            }

            Terminal.Out.Write(table);
            Console.Out.WriteLine($"In {cache.Folder}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Clear()
    {
        var settings = new SettingChoices();
        var command = new Command("clear", "Throws away all engines that are kept; the service builds what it needs again.");
        foreach (var option in settings.Options) command.Add(option);
        command.SetAction(parsed =>
        {
            var cache = Cache(settings, parsed);
            Console.Out.WriteLine($"{cache.Clear()} engines were removed from {cache.Folder}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Serve()
    {
        var incoming = new Option<string>("--in") { Required = true };
        var outgoing = new Option<string>("--out") { Required = true };
        var command = new Command("serve", "The engine's own process; started by the service alone.") { incoming, outgoing };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            // Ctrl-C goes to everybody at the terminal; the service says when it is over.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
            using var from = new AnonymousPipeClientStream(PipeDirection.In, parsed.GetRequiredValue(incoming));
            using var to = new AnonymousPipeClientStream(PipeDirection.Out, parsed.GetRequiredValue(outgoing));
            EngineServer.Serve(new EngineWire(from, to));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Facts()
    {
        var command = new Command("facts", "What the GPU and NVIDIA's libraries say of themselves, as JSON; asked by the service in a process that can be spared.") { Hidden = true };
        command.SetAction(_ =>
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(GpuFacts.Read(), EdgeJson.Compact));
            return ExitCode.Ok;
        });
        return command;
    }

    private static EngineCache Cache(SettingChoices settings, ParseResult parsed)
    {
        using var logs = ServiceLog.Create(verbose: false);
        return new EngineCache(SettingsFile.Load(settings.File(parsed), overrides: settings.Overrides(parsed)).Settings.Engine.Folder, TimeProvider.System, logs.CreateLogger<EngineCache>());
    }
}
