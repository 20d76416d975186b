using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Settings;

namespace HeartSound.Edge.Commands;

/// <summary><c>health</c>: whether the service on this machine is well, for who must decide by it: the updater, a container's health check.</summary>
internal static class HealthCommand
{
    /// <summary>The longest that anybody may wait, in seconds.</summary>
    private const int LongestWait = 24 * 3600;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a broker is waited for in any case.</summary>
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(10);

    /// <summary>What is over sooner than this, or than a broker is waited for, is no fault of a service that was well.</summary>
    private static readonly TimeSpan Forgiven = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var state = new Option<FileInfo?>("--state") { Description = $"What the service writes about itself; else {ServiceState.FileName} in RUNTIME_DIRECTORY or {RuntimeDirectory.OfTheUnit}.", HelpName = "FILE" };
        var software = new Option<string?>("--software") { Description = "It must be this version that runs.", HelpName = "V" };
        var idle = new Option<bool>("--idle") { Description = "No examination is under way, no verdict has just come, and, where an update wants in, none begins." };
        var broker = new Option<bool>("--broker") { Description = "The broker of the settings must keep the status 'online' of this very run. Skipped, and said so, where there is none." };
        var settings = new Option<string?>("--settings") { Description = $"With --broker: settings file; else {SettingsFile.PathVariable}, else {SettingsFile.DefaultPath} where that exists.", HelpName = "FILE" };
        var before = new Option<FileInfo?>("--no-worse-than") { Description = "An older copy of what the service writes: every part that can be compared must be at least as well as there.", HelpName = "FILE" };
        var wait = new Option<double>("--wait") { Description = "Ask again until all of it holds, for so many seconds at the most.", HelpName = "SECONDS" };
        var settle = new Option<double>("--settle") { Description = FormattableString.Invariant($"Then all of it must hold for so many seconds more, in the same run of the service; what is over within {Forgiven.TotalSeconds} s (with --broker: {BrokerPatience.TotalSeconds} s) is forgiven."), HelpName = "SECONDS" };
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output: ok, wasWell (if not ok: it was, and did not stay so), reasons, notes, and what the service says of itself." };
        foreach (var seconds in (Option<double>[])[wait, settle])
        {
            seconds.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<double>() is not (>= 0 and <= LongestWait)) result.AddError($"{seconds.Name} must be a number of seconds from 0 to {LongestWait}.");
            });
        }

        var command = new Command("health", "Says whether the service on this machine runs, is ready, and what more is asked for below. Exit code 8 if not, with the reason.")
        {
            json, wait, settle, software, idle, broker, settings, before, state,
        };
        command.SetAction((parsed, stop) =>
        {
            var check = new HealthCheck(parsed.GetValue(state)?.FullName ?? RuntimeDirectory.File(ServiceState.FileName) ?? Path.Combine(RuntimeDirectory.OfTheUnit, ServiceState.FileName))
            {
                Software = parsed.GetValue(software),
                MustBeIdle = parsed.GetValue(idle),
                NoWorseThan = parsed.GetValue(before) is { } file ? HealthCheck.Read(file.FullName) ?? throw new SetupException($"{file.FullName}: there is no such file.") : null,
            };
            using var atBroker = parsed.GetValue(broker) ? StatusAtBroker.Of(SettingsFile.Load(parsed.GetValue(settings)).Settings) : null;
            if (parsed.GetValue(broker) && atBroker is null) check.Notes.Add("No broker is configured: it was not asked.");
            check.Broker = atBroker;
            var least = atBroker is null ? TimeSpan.Zero : BrokerPatience;
            var patience = TimeSpan.FromSeconds(parsed.GetValue(wait));
            var wasWell = Until(check, patience > least ? patience : least, stop);
            if (wasWell) Settle(check, TimeSpan.FromSeconds(parsed.GetValue(settle)), Forgiven > least ? Forgiven : least, stop);
            if (atBroker?.Note is { } note) check.Notes.Add(note);
            Say(check, wasWell, parsed.GetValue(json));
            return Task.FromResult(check.Reasons.Count == 0 ? ExitCode.Ok : ExitCode.Unwell);
        });
        return command;
    }

    /// <summary>Asks until all of it holds, and says whether it does.</summary>
    private static bool Until(HealthCheck check, TimeSpan limit, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var clock = new DeviceClock(TimeProvider.System);
        while (check.Ask(clock.Now) is { Count: > 0 })
        {
            if (Stopwatch.GetElapsedTime(started) >= limit) return false;
            Pause(stop);
        }

        return true;
    }

    /// <summary>Asks on while all of it holds, but for moments.</summary>
    private static void Settle(HealthCheck check, TimeSpan span, TimeSpan forgiven, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var clock = new DeviceClock(TimeProvider.System);
        var session = check.State!.Session;
        long? unwell = null;
        while (unwell is not null || Stopwatch.GetElapsedTime(started) < span)
        {
            Pause(stop);
            unwell = check.Ask(clock.Now).Count == 0 ? null : unwell ?? Stopwatch.GetTimestamp();
            if (check.State is { } state && state.Session != session)
            {
                check.Relapsed("It was well, and then was started anew. See: journalctl -u heartsound");
                return;
            }

            if (unwell is { } since && Stopwatch.GetElapsedTime(since) >= forgiven)
            {
                check.Relapsed($"It was well, and then was not. {check.Reasons[0]}");
                return;
            }
        }
    }

    private static void Pause(CancellationToken stop)
    {
        stop.WaitHandle.WaitOne(Turn);
        stop.ThrowIfCancellationRequested();
    }

    private static void Say(HealthCheck check, bool wasWell, bool asJson)
    {
        if (asJson)
        {
            var said = JsonSerializer.SerializeToNode(check.State, EdgeJson.Compact) as JsonObject ?? [];
            said["ok"] = check.Reasons.Count == 0;
            said["wasWell"] = wasWell;
            said["reasons"] = JsonSerializer.SerializeToNode(check.Reasons, EdgeJson.Compact);
            said["notes"] = JsonSerializer.SerializeToNode(check.Notes, EdgeJson.Compact);
            Console.Out.WriteLine(said.ToJsonString(EdgeJson.Compact));
            return;
        }

        foreach (var note in check.Notes) Console.Error.WriteLine(note);
        foreach (var reason in check.Reasons) Console.Error.WriteLine(reason);
        if (check is { Reasons.Count: 0, State: { } state })
            Console.Out.WriteLine($"The service is well: heartsound {state.Software}, model {state.Model?.Id} {state.Model?.Version} on {state.Provider}.");
    }
}
