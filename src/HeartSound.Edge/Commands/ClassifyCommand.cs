using System.CommandLine;
using System.Diagnostics;
using HeartSound.Edge.Classification;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Recordings;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>classify</c>: one verdict a recording, on all cores.</summary>
internal static class ClassifyCommand
{
    public static Command Create()
    {
        var paths = CommandLine.Paths("Recordings (WAV, FLAC), or folders of them.");
        var model = CommandLine.Model();
        var providers = CommandLine.Providers();
        var channel = CommandLine.ChannelChoice();
        var jobs = CommandLine.Jobs();
        var json = new Option<bool>("--json") { Description = "One JSON object a recording on standard output, and nothing else there." };
        var report = new Option<FileInfo?>("--report") { Description = "Write a page with pictures: waveform, log-mel, probabilities. It needs no internet.", HelpName = "FILE.html" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No progress, no summary." };
        var command = new Command("classify", "One verdict a recording: a table, JSON lines, or a page with pictures.")
        {
            paths, model, providers, channel, jobs, json, report, quiet,
        };
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            using var bundle = GoldenCheck.LoadVerified(parsed.GetValue(model), parsed.GetValue(providers)!);
            var run = new ClassifyRun(bundle, parsed.GetValue(channel), parsed.GetValue(jobs), parsed.GetValue(json), parsed.GetValue(report), parsed.GetValue(quiet));
            return run.Execute(parsed.GetValue(paths)!, stop);
        }, stop));
        return command;
    }

    private sealed class ClassifyRun(ModelBundle model, Channel channel, int jobs, bool json, FileInfo? report, bool quiet)
    {
        private readonly ClassifySummary _summary = new();
        private readonly ClassifyTable _table = new();
        private readonly List<RecordingResult> _reported = [];

        public int Execute(string[] paths, CancellationToken stop)
        {
            if (report is not null) CheckReport(report.FullName);
            var clock = Stopwatch.StartNew();
            var found = RecordingFiles.Find(paths);
            foreach (var failure in found.Failures) Take(new RecordingResult { File = failure.Path, Error = failure.Message });
            if (quiet || !Terminal.Error.Profile.Capabilities.Interactive)
            {
                FolderClassifier.Classify(model, found.Files, channel, jobs, Take, stop);
            }
            else
            {
                Terminal.Error.Progress().AutoClear(true)
                    .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                    .Start(context =>
                    {
                        var bar = context.AddTask("classifying", maxValue: found.Files.Count);
                        FolderClassifier.Classify(model, found.Files, channel, jobs, result =>
                        {
                            Take(result);
                            bar.Increment(1);
                        }, stop);
                    });
            }

            if (!json && report is null) _table.WriteTo(Terminal.Out);

            if (report is not null) WriteReport(report.FullName);
            if (!quiet) Console.Error.WriteLine(_summary.Line(clock.Elapsed));
            return _summary.Failed > 0 ? ExitCode.SomeFailed : ExitCode.Ok;
        }

        // Said before the work, not after it.
        private static void CheckReport(string path)
        {
            try
            {
                if (Directory.Exists(path)) throw new IOException("it is a folder");
                File.Create(path + ".part", 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new SetupException($"{path}: the report cannot be written: {e.Message}", e);
            }
        }

        private void WriteReport(string path)
        {
            try
            {
                RecordingReport.Write(path, model, channel, jobs, _reported);
                if (!quiet) Console.Error.WriteLine($"The report is in {path}.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new SetupException($"{path}: the report cannot be written: {e.Message}", e);
            }
        }

        private void Take(RecordingResult result)
        {
            _summary.Add(result);
            if (json)
            {
                Console.Out.WriteLine(ClassifyJson.Line(result, model));
                if (result.Error is not null) Console.Error.WriteLine(result.Error);
            }
            else
            {
                _table.Add(result);
            }

            if (report is not null) _reported.Add(result);
        }
    }
}
