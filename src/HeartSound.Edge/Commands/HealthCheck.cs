using System.Text.Json;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Commands;

/// <summary>Holds what the service says of itself against what is asked of it.</summary>
/// <param name="file">What the service writes.</param>
internal sealed class HealthCheck(string file)
{
    /// <summary>What the surroundings decide, and the engine, which comes when it comes: worse after an update than before says nothing about the update. The broker is asked for by name.</summary>
    private static readonly DevicePart[] OfTheSurroundings = [DevicePart.Clock, DevicePart.Heat, DevicePart.Broker, DevicePart.Settings, DevicePart.Engine];

    private readonly UpdateHold _hold = new(Path.Combine(Path.GetDirectoryName(file)!, UpdateHold.FileName), TimeProvider.System);

    /// <summary>Must be the version that runs; null for any.</summary>
    public string? Software { get; init; }

    public bool MustBeIdle { get; init; }

    /// <summary>No part may be worse than there; null where nobody compares.</summary>
    public ServiceState? NoWorseThan { get; init; }

    /// <summary>Must know this very run; null where it is not asked.</summary>
    public StatusAtBroker? Broker { get; set; }

    /// <summary>As it was last read; null when there was none.</summary>
    public ServiceState? State { get; private set; }

    /// <summary>What does not hold, each with what to do; empty when all is well.</summary>
    public IReadOnlyList<string> Reasons { get; private set; } = [];

    /// <summary>What was left out.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Asks once, and returns <see cref="Reasons"/>.</summary>
    /// <exception cref="SetupException">What the service writes may not be read.</exception>
    public IReadOnlyList<string> Ask(Moment now)
    {
        State = Read(file);
        return Reasons = [.. State is null ? [$"{file} is not there: the service does not run, or has not started yet. See: systemctl status heartsound"] : Faults(State, now)];
    }

    /// <summary>All of it held, and does not any more.</summary>
    public void Relapsed(string reason) => Reasons = [reason];

    /// <summary>Null when there is none.</summary>
    /// <exception cref="SetupException">It may not be read, or is no state.</exception>
    public static ServiceState? Read(string path)
    {
        try
        {
            return ServiceState.FromJson(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SetupException($"{path}: what the service says cannot be read: {e.Message} Ask as root, or as the user that the service runs as.", e);
        }
    }

    private IEnumerable<string> Faults(ServiceState state, Moment now)
    {
        if (!state.IsFreshAt(now))
        {
            yield return state.AgeAt(now) is { } age
                ? FormattableString.Invariant($"{file} is {age.TotalSeconds:0} s old: the service hangs, or was killed. See: systemctl status heartsound")
                : $"{file} is from before the machine started: the service has not run since. See: systemctl status heartsound";
            yield break; // nothing else in it is true
        }

        if (Software is not null && state.Software != Software) yield return $"{state.Software} runs, and not {Software}: it was not restarted, or was rolled back.";
        if (!state.Ready) yield return "The service is starting.";
        if (MustBeIdle && !state.Idle) yield return state.Examination.Id is { } id ? $"An examination is under way ({id})." : "A verdict has just come, and somebody looks at it.";
        else if (MustBeIdle && !state.Held && _hold.IsActive) yield return "The service has not taken note yet that an update wants in.";
        foreach (var (part, was) in NoWorseThan?.Parts ?? new Dictionary<DevicePart, PartHealth>())
        {
            if (OfTheSurroundings.Contains(part)) continue;
            if (state.Parts.GetValueOrDefault(part) is { } found)
            {
                if (found.Level > was.Level) yield return $"{part} is worse than before: {found.Level} ({found.Cause}). {found.Message}";
            }
            else if (part == DevicePart.Capture)
            {
                yield return "Capture has not said yet how it is."; // it always does; other parts speak when something happens to them
            }
        }

        if (Broker?.FaultOf(state) is { } fault) yield return fault;
    }
}
