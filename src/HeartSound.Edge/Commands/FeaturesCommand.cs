using System.CommandLine;
using System.Text.Json;
using HeartSound.Edge.Features;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Recordings;
using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Edge.Commands;

/// <summary><c>features</c>: the front end's output, for training.</summary>
internal static class FeaturesCommand
{
    public static Command Create()
    {
        var paths = CommandLine.Paths("Recordings (WAV, FLAC), or folders of them.");
        var output = new Option<FileInfo>("--out")
        {
            Description = """
            File to write; numpy.load reads it. Arrays: features float32 [windows, melBands, frames]; file int32 (index into files) and start float64
            (seconds) of each window; accepted bool and score float32 (signal quality); heartRateBpm float32 (of the recording, NaN if none); files and failed, texts.
            """,
            HelpName = "FILE.npz",
            Required = true,
        };
        var specFile = new Option<FileInfo?>("--spec") { Description = "Front-end spec, a JSON object as in a model's manifest; what it leaves out takes its default.", HelpName = "FILE.json" };
        var gatesFile = new Option<FileInfo?>("--quality") { Description = "Quality gates, a JSON object as in a model's manifest; what it leaves out takes its default.", HelpName = "FILE.json" };
        var model = new Option<string?>("--model") { Description = "Take the spec and the quality gates of this model instead.", HelpName = "NAME|DIR|FILE" };
        var channel = CommandLine.ChannelChoice();
        var jobs = CommandLine.Jobs();
        var command = new Command("features", "What the network sees, for the trainer, exactly as the device makes it.")
        {
            paths, output, specFile, gatesFile, model, channel, jobs,
        };
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            var (spec, gates) = SpecOf(parsed.GetValue(specFile), parsed.GetValue(gatesFile), parsed.GetValue(model));
            return Execute(parsed.GetValue(paths)!, parsed.GetValue(output)!.FullName, spec, gates, parsed.GetValue(channel), parsed.GetValue(jobs), stop);
        }, stop));
        return command;
    }

    private static int Execute(string[] paths, string output, FrontEndSpec spec, QualityGates gates, Channel channel, int jobs, CancellationToken stop)
    {
        var found = RecordingFiles.Find(paths);
        try
        {
            using var set = new FeatureSet(spec, output);
            foreach (var failure in found.Failures) Take(set, new RecordingFeatures { File = failure.Path, Error = failure.Message });
            InOrder.Run(found.Files, jobs, () => 0, (_, file) => RecordingFeatures.Of(file, channel, spec, gates, stop), recording => Take(set, recording), _ => { }, stop);
            set.Save();
            Console.Error.WriteLine($"{set.Windows} windows of {set.Recordings} recordings in {output}, {spec.MelBands} × {spec.WindowFrames} each; {set.Failures} failed.");
            return set.Failures > 0 ? ExitCode.SomeFailed : ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{output}: cannot be written: {e.Message}", e);
        }
    }

    private static void Take(FeatureSet set, RecordingFeatures recording)
    {
        if (recording.Error is not null) Console.Error.WriteLine(recording.Error);
        set.Add(recording);
    }

    private static (FrontEndSpec Spec, QualityGates Gates) SpecOf(FileInfo? specFile, FileInfo? gatesFile, string? model)
    {
        if (model is null) return (Read(specFile, new FrontEndSpec(), spec => spec.Faults()), Read(gatesFile, new QualityGates(), gates => gates.Faults()));
        if (specFile is not null || gatesFile is not null) throw new SetupException("--model says what the front end and the quality gates are: give it alone, without --spec and --quality.");
        using var bundle = ModelBundle.Load(model, new OnnxOptions());
        return (bundle.Manifest.FrontEnd, bundle.Manifest.Quality);
    }

    private static T Read<T>(FileInfo? file, T defaults, Func<T, IReadOnlyList<string>> faultsOf) where T : class
    {
        if (file is null) return defaults;
        try
        {
            var read = JsonSerializer.Deserialize<T>(File.ReadAllText(file.FullName), EdgeJson.Strict) ?? throw new JsonException("it is null");
            return faultsOf(read) is { Count: > 0 } faults
                ? throw new SetupException($"{file}: cannot be used:{string.Concat(faults.Select(f => $"\n  - {f}"))}")
                : read;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{file}: cannot be read: {e.Message}", e);
        }
    }
}
