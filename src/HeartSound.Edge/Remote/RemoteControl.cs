using System.Threading.Channels;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;
using HeartSound.Native.Mosquitto;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Remote;

/// <summary>
/// Between the broker and <see cref="DeviceCommands"/>: commands wait in a short queue for a thread of their own, so that nothing they do holds up the connection; answers, and
/// what changed by itself, are handed to <see cref="Publish"/>. Any thread; the owner disposes it.
/// </summary>
public sealed partial class RemoteControl : IDisposable
{
    /// <summary>Commands that may wait; what is more is refused without a word.</summary>
    private const int Capacity = 64;

    private readonly Channel<MosquittoMessage> _queue = Channel.CreateBounded<MosquittoMessage>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly DeviceCommands _commands;
    private readonly DeviceControls _controls;
    private readonly ILogger _log;
    private readonly Lock _gate = new(); // what is told, is told in the order in which it became so
    private readonly Thread _thread;
    private ExaminationState _examination = ExaminationState.Nothing;
    private DateTimeOffset? _mutedUntil;
    private DateTimeOffset? _identifiesUntil;

    /// <param name="device">Name of the device.</param>
    /// <param name="session">Of this run of the program.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="controls">What commands reach.</param>
    /// <param name="logs">Where each command is said.</param>
    public RemoteControl(string device, Guid session, DeviceClock clock, DeviceControls controls, ILoggerFactory logs)
    {
        _controls = controls;
        _commands = new DeviceCommands(device, session, clock, controls, TimeProvider.System, logs.CreateLogger<DeviceCommands>());
        _log = logs.CreateLogger<RemoteControl>();
        Topic = Topics.Commands(device);
        _thread = new Thread(Obey) { Name = "commands", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What to subscribe to, at QoS 1.</summary>
    public string Topic { get; }

    /// <summary>Takes topic, payload and whether the broker shall keep it, at QoS 1; must not block. What it cannot send now it leaves out: after a connect everything is told again.</summary>
    public Action<string, byte[], bool>? Publish { get; set; }

    /// <summary>A message came, perhaps a command. Returns at once.</summary>
    public void Handle(MosquittoMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!message.Topic.StartsWith(Topic[..^1], StringComparison.Ordinal)) return; // of what others have subscribed to, such as Home Assistant's birth

        // Of what is too long only so much is kept as shows that it is.
        if (message.Payload.Length > Command.MostBytes) message = message with { Payload = message.Payload[..(Command.MostBytes + 1)] };
        if (!_queue.Writer.TryWrite(message)) _commands.Lose();
    }

    /// <summary>The broker has taken us: it is told how everything is.</summary>
    public void OnConnected()
    {
        lock (_gate)
        {
            Remember();
            foreach (var name in new[] { Command.Examination.Name, Command.Mute.Name, Command.Identify.Name }) Send(_commands.State(name));
        }
    }

    /// <summary>Tells what changed by itself since it was last told. To be called several times a second.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var (examination, muted, identifies) = (_examination, _mutedUntil, _identifiesUntil);
            Remember();
            if (!_examination.Equals(examination)) Send(_commands.State(Command.Examination.Name));
            if (_mutedUntil != muted) Send(_commands.State(Command.Mute.Name));
            if (_identifiesUntil != identifies) Send(_commands.State(Command.Identify.Name));
        }
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Obey()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_queue.Reader.TryRead(out var message)) Obey(message);
        }
    }

    private void Obey(MosquittoMessage message)
    {
#pragma warning disable CA1031 // Whatever a command does must not take away the next one's chance.
        try
        {
            if (_commands.Handle(message.Topic, message.Payload, message.Retain) is not { } answer) return;
            lock (_gate)
            {
                Remember();
                Send(answer with { Message = answer.Message with { Value = _commands.Value(answer.Message.Command) } });
            }
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
#pragma warning restore CA1031
    }

    // What is sent next says how it is now.
    private void Remember() => (_examination, _mutedUntil, _identifiesUntil) = (_controls.Examinations.State, _controls.Activity.MutedUntil, _controls.Activity.IdentifiesUntil);

    private void Send(CommandAnswer answer) => Publish?.Invoke(answer.Topic, answer.Message.ToJson(), answer.IsRetained);

    [LoggerMessage(3222, LogLevel.Error, "A command could not be dealt with")]
    private partial void LogFailed(Exception cause);
}
