using System.CommandLine;
using System.Text.Json;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Settings;
using HeartSound.Native.OnnxRuntime;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>model list</c>, <c>model show</c> and <c>model verify</c>: what models there are, what one is, and whether this machine reproduces it.</summary>
internal static class ModelCommand
{
    public static Command Create() => new("model", "What models there are, what one is, and whether this machine reproduces it.") { ModelListCommand.Create(), Show(), Verify() };

    private static Argument<string?> Named() => new("MODEL")
    {
        Description = "The same as --model, for short.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => null,
    };

    private static Command Show()
    {
        var named = Named();
        var model = CommandLine.Model();
        var json = new Option<bool>("--json") { Description = "The manifest as it is in the file." };
        var command = new Command("show", "What a model says about itself.") { named, model, json };
        command.SetAction(parsed =>
        {
            using var bundle = ModelBundle.Load(parsed.GetValue(named) ?? parsed.GetValue(model), new OnnxOptions());
            var manifest = bundle.Manifest;
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(manifest, EdgeJson.Indented));
                return ExitCode.Ok;
            }

            var spec = manifest.FrontEnd;
            var grid = new Grid().AddColumn().AddColumn();
            void Row(string name, FormattableString value) => grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(FormattableString.Invariant(value)));
            Row("model", $"{manifest.Id} {manifest.Version}, made {manifest.Created} by trainer {manifest.Trainer}");
            Row("file", $"{bundle.ModelPath}");
            Row("sha256", $"{bundle.Sha256}");
            var kind = manifest.Output == ModelOutput.Sigmoid ? "; any number of them at once, none is normal" : "";
            Row("labels", $"{string.Join(", ", manifest.Labels)}; alarm: {string.Join(", ", manifest.AlarmLabels)}{kind}");
            Row("front end", $"{spec.SampleRateHz} Hz, {spec.BandLowHz}–{spec.BandHighHz} Hz order {spec.BandOrder}{(spec.RemoveSpikes ? ", spikes removed" : "")}, {spec.MelBands} mels {spec.MelLowHz}–{spec.MelHighHz} Hz, FFT {spec.FftSamples}, frame {spec.FrameSamples}, hop {spec.HopSamples}");
            Row("window", $"{spec.WindowSeconds} s every {spec.WindowHopSeconds} s, [{spec.MelBands}, {spec.WindowFrames}], normalised by {spec.Normalisation} over {spec.NormalisationSeconds} s");
            Row("calibration", $"temperature {manifest.Calibration.Temperature:g4}; alarm from {manifest.Calibration.AlarmAbove:p1}, none up to {manifest.Calibration.AlarmBelow:p1}, between them it abstains{Thresholds(manifest)}");
            Row("needs", $"{manifest.Policy.MinGoodSeconds} good seconds, a heart rate of {manifest.Policy.MinHeartRateBpm}–{manifest.Policy.MaxHeartRateBpm} bpm");
            Row("runs on", $"ONNX Runtime {bundle.Library.Version} ({bundle.Library.Path}), {bundle.Provider}");
            Terminal.Out.Write(grid);
            Console.Out.WriteLine($"dataset {manifest.Dataset?.ToJsonString(EdgeJson.Indented) ?? "-"}");
            Console.Out.WriteLine($"metrics {manifest.Metrics?.ToJsonString(EdgeJson.Indented) ?? "-"}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Thresholds(ModelManifest manifest) => manifest.Output != ModelOutput.Sigmoid ? ""
        : "; found from " + string.Join(", ", manifest.Labels.Select((l, i) => FormattableString.Invariant($"{l} {manifest.Threshold(i):p1}")));

    private static Command Verify()
    {
        var named = Named();
        var model = CommandLine.Model();
        var providers = CommandLine.Providers();
        var settings = new Option<string?>("--settings") { Description = "Settings file: the model that it names, where none is named here.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("verify", "Holds this machine against the model's goldens: front end, network and labels. Exit code 5 if it does not reproduce them.")
        {
            named, model, settings, providers, json,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(named) ?? parsed.GetValue(model) ?? (parsed.GetValue(settings) is { } file ? SettingsFile.Load(file).Settings.Model.Path : null);
            using var bundle = ModelBundle.Load(path, new OnnxOptions { Providers = parsed.GetValue(providers)!, IntraOpThreads = 1 });
            var results = GoldenCheck.Run(bundle);
            var reproduced = results.All(r => r.Fault is null);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new
                {
                    model = bundle.Manifest.Id,
                    bundle.Sha256,
                    provider = bundle.Provider.ToString(),
                    bundle.ProviderNotes,
                    onnxRuntime = bundle.Library.Version,
                    reproduced,
                    cases = results,
                }, EdgeJson.Compact));
            }
            else
            {
                var table = new Table().Border(TableBorder.Rounded).AddColumn("golden").AddColumn(new TableColumn("windows").RightAligned())
                    .AddColumn(new TableColumn("features differ by").RightAligned()).AddColumn(new TableColumn("logits differ by").RightAligned()).AddColumn("result");
                foreach (var r in results)
                {
                    table.AddRow(new Text(r.Name), new Text(FormattableString.Invariant($"{r.Windows}")), new Text(FormattableString.Invariant($"{r.FeatureError:0.0e+0}")),
                        new Text(FormattableString.Invariant($"{r.LogitError:0.0e+0}")), r.Fault is null ? new Markup("[green]● reproduced[/]") : new Markup($"[red]✖ {Markup.Escape(r.Fault)}[/]"));
                }

                Terminal.Out.Write(table);
                Console.Out.WriteLine($"{bundle.Manifest.Id} {(reproduced ? "is reproduced" : "is NOT reproduced")} on {bundle.Provider}, ONNX Runtime {bundle.Library.Version}.");
                foreach (var note in bundle.ProviderNotes) Console.Error.WriteLine(note);
            }

            return reproduced ? ExitCode.Ok : ExitCode.NotReproduced;
        });
        return command;
    }
}
