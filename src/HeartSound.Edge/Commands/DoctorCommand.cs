using System.CommandLine;
using HeartSound.Edge.Doctor;
using HeartSound.Edge.Settings;
using HeartSound.Native.LibC;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>doctor</c>: every part of the device, asked in the way in which the service uses it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var settings = new Option<string?>("--settings") { Description = $"Settings file to go by; else {SettingsFile.PathVariable}, else {SettingsFile.DefaultPath} where that exists.", HelpName = "FILE" };
        var only = new Option<string[]>("--only") { Description = $"Ask only these: {string.Join(", ", ProbeCatalog.All.Select(p => p.Id))}.", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output." };
        only.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => ProbeCatalog.All.All(p => p.Id != t.Value))) result.AddError($"--only is '{token.Value}', must be one of {string.Join(", ", ProbeCatalog.All.Select(p => p.Id))}.");
        });
        var command = new Command("doctor", "Asks every part of the device in the way in which the service uses it, and says what to do. Exit code 8 if a part does not work.") { settings, only, json };
        command.SetAction((parsed, stop) =>
        {
            var chosen = parsed.GetValue(only) is { Length: > 0 } ids ? ProbeCatalog.All.Where(p => ids.Contains(p.Id)).ToList() : ProbeCatalog.All;
            var report = new DoctorReport(Ask(chosen, new DoctorCase(parsed.GetValue(settings)), stop), DateTimeOffset.UtcNow);
            if (parsed.GetValue(json)) Console.Out.WriteLine(report.ToJson());
            else DoctorTable.Write(Terminal.Out, report);
            return Task.FromResult(End(report));
        });
        return command;
    }

    private static List<Finding> Ask(IReadOnlyList<Probe> probes, DoctorCase facts, CancellationToken stop)
    {
        if (Console.IsErrorRedirected) return [.. DoctorRun.Ask(probes, facts, _ => { }, stop)];
        return Terminal.Error.Status().Start("", status => DoctorRun.Ask(probes, facts, probe => status.Status($"{Markup.Escape(probe.Title)} …"), stop).ToList());
    }

    private static int End(DoctorReport report)
    {
        var code = report.Level == FindingLevel.Failed ? ExitCode.Unwell : ExitCode.Ok;
        Console.Out.Flush();
        if (report.Findings.Any(f => f.HasHung)) ProcessEnd.Now(code); // a probe is stuck in native code, and ending in the usual way would wait for it
        return code;
    }
}
