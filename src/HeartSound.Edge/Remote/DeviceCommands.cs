using System.Text.RegularExpressions;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Remote;

/// <summary>A message on a topic of the device's.</summary>
/// <param name="Topic">Where it goes.</param>
/// <param name="Message">What it says.</param>
/// <param name="IsRetained">Whether the broker shall keep it.</param>
public sealed record CommandAnswer(string Topic, StateMessage Message, bool IsRetained);

/// <summary>
/// Obeys commands, and answers those that it does not obey. Knows nothing of MQTT; whatever comes, it throws nothing. Belongs to one thread, which may have to
/// wait for the pipeline's.
/// <code>
/// topic → name → rate → retained? → read → can it be done now? → done → answer
/// </code>
/// </summary>
public sealed partial class DeviceCommands
{
    /// <summary>Commands that may come at once, and how many a second in the long run. A person with a button needs less.</summary>
    public const int AtOnce = 10, PerSecond = 1;

    /// <summary>How long an examination may take to begin or end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly string _device;
    private readonly Guid _session;
    private readonly DeviceClock _clock;
    private readonly DeviceControls _controls;
    private readonly ILogger _log;
    private readonly string _prefix;
    private readonly TokenBucket _commands;
    private readonly TokenBucket _complaints; // a flood is not answered by another one

    /// <param name="device">Name of the device.</param>
    /// <param name="session">Of this run of the program.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="controls">What they reach.</param>
    /// <param name="time">For the rate.</param>
    /// <param name="log">Where each command is said.</param>
    public DeviceCommands(string device, Guid session, DeviceClock clock, DeviceControls controls, TimeProvider time, ILogger<DeviceCommands> log)
    {
        _device = device;
        _session = session;
        _clock = clock;
        _controls = controls;
        _log = log;
        _prefix = Topics.Command(device, "");
        _commands = new TokenBucket(time, AtOnce, PerSecond);
        _complaints = new TokenBucket(time, 2, PerSecond);
    }

    /// <summary>Takes a command.</summary>
    /// <param name="topic">Where it came from.</param>
    /// <param name="payload">What it says.</param>
    /// <param name="isRetained">Whether the broker kept it from before.</param>
    /// <returns>Null when nobody shall be told: the name can be no command's, or there were too many.</returns>
    public CommandAnswer? Handle(string topic, ReadOnlyMemory<byte> payload, bool isRetained)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var name = topic.StartsWith(_prefix, StringComparison.Ordinal) ? topic[_prefix.Length..] : "";
        if (!IsName().IsMatch(name)) return Refuse();
        if (!_commands.TryTake())
        {
            return _complaints.TryTake() ? Refuse(name, null, CommandCause.TooMany, $"More than {AtOnce} commands at once, or {PerSecond} a second.") : Refuse();
        }

        if (isRetained) return Refuse(name, null, CommandCause.Retained, "The broker had kept this command; publish commands without 'retain'.");
        var reading = CommandReader.Read(name, payload);
        if (reading.Command is not { } command) return Refuse(name, reading.Id, reading.Cause!.Value, reading.Message!);
        if (Obey(command) is { } obstacle) return Refuse(name, reading.Id, CommandCause.NotNow, obstacle);
        LogObeyed(name, command.ToString());
        _controls.Health.Count("commandsObeyed");
        return Answer(name, reading.Id, CommandResult.Obeyed);
    }

    /// <summary>A command that found no place in the queue.</summary>
    public void Lose() => Refuse();

    /// <summary>Any thread: how what a command is about is now, without having been asked.</summary>
    public CommandAnswer State(string name) => Answer(name, null, CommandResult.Obeyed);

    /// <summary>Any thread: the same alone.</summary>
    public object Value(string name) => name switch
    {
        Command.Examination.Name => ExaminationValue.Of(_controls.Examinations.State),
        Command.Mute.Name => new UntilValue(_controls.Activity.MutedUntil),
        Command.Identify.Name => new UntilValue(_controls.Activity.IdentifiesUntil),
        _ => new NoValue(),
    };

    /// <summary>Null when it is done, else why it cannot be done.</summary>
    private string? Obey(Command command)
    {
        switch (command)
        {
            case Command.Examination { Starts: true } start:
                if (_controls.Obstacle is { } obstacle) return obstacle;
                if (_controls.Examinations.IsHeld && BeginsAnother(start.Site, _controls.Examinations.State)) return "An update is about to be installed: no examination begins until it is. Ask again in a few minutes.";
                if (start.Site is null && _controls.Examinations.State.Phase == ExaminationPhase.BetweenSites) return "The examination goes by sites: name the next one, or stop.";
                return _controls.Examinations.TryStart(start.Site, Patience) ? null : "The device is busy.";
            case Command.Examination:
                if (_controls.Examinations.State.Id is null) return "No examination is under way.";
                return _controls.Examinations.TryStop(Patience) ? null : "The device is busy.";
            case Command.Mute mute:
                _controls.Activity.Mute(mute.Duration);
                return null;
            case Command.Identify:
                _controls.Activity.Identify();
                return null;
            default:
                if (_controls.RestartCapture is not { } restart) return "This device listens to no stethoscope that could be opened again.";
                restart();
                return null;
        }
    }

    /// <summary>Whether a start would begin another examination than the one under way: with none under way, or with a site where nobody named one before.</summary>
    private static bool BeginsAnother(Site? site, ExaminationState now) => now.Id is null || (site is not null && !now.IsBySite);

    private CommandAnswer? Refuse()
    {
        _controls.Health.Count("commandsRefused");
        return null;
    }

    private CommandAnswer Refuse(string name, string? id, CommandCause cause, string message)
    {
        Refuse();
        LogRefused(name, cause);
        return Answer(name, id, CommandResult.Refused, cause, message);
    }

    private CommandAnswer Answer(string name, string? id, CommandResult result, CommandCause? cause = null, string? message = null)
    {
        var answer = new StateMessage
        {
            Device = _device,
            Session = _session,
            At = _clock.Now,
            Command = name,
            CommandId = id,
            Result = result,
            Cause = cause,
            Message = message,
            Value = Value(name),
        };
        return new CommandAnswer(Topics.State(_device, name), answer, Command.Names.Contains(name));
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsName();

    [LoggerMessage(3220, LogLevel.Information, "Command {Command}: {What}")]
    private partial void LogObeyed(string command, string what);

    [LoggerMessage(3221, LogLevel.Warning, "Command {Command} is refused: {Cause}")]
    private partial void LogRefused(string command, CommandCause cause);
}
