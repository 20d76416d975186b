using HeartSound.Edge.Health;
using HeartSound.Native.Gpiod;
using Microsoft.Extensions.Logging;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>
/// Watches the button, on a thread of its own that sleeps until an edge comes. A line that fails degrades the button and is opened again for ever, with growing pauses;
/// nothing here ends the device.
/// </summary>
public sealed partial class ButtonWatch : IDisposable
{
    // How long a stop may have to wait; an edge ends the wait at once.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(1);

    private readonly Func<GpioInput>? _open;
    private readonly ButtonOptions _options;
    private readonly DeviceHealth _health;
    private readonly ILogger _log;
    private readonly ManualResetEventSlim _stop = new(false);
    private readonly Thread? _thread;
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private readonly List<GpioEdge> _edges = [];

    /// <param name="open">Opens the button's line, and opens it again after it failed; null where there is none, and then this does nothing at all.</param>
    /// <param name="options">Debounce and what is long; where it is not enabled, this does nothing at all.</param>
    /// <param name="health">Where trouble is reported.</param>
    /// <param name="pressed">Called for every press, on the button's thread; must be quick.</param>
    /// <param name="log">Where it is said.</param>
    public ButtonWatch(Func<GpioInput>? open, ButtonOptions options, DeviceHealth health, Action<ButtonPress> pressed, ILogger<ButtonWatch> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(pressed);
        _open = open;
        _options = options;
        _health = health;
        _log = log;
        Pressed = pressed;
        if (open is null || !options.Enabled) return;
        _thread = new Thread(Watch) { Name = "button", IsBackground = true };
        _thread.Start();
    }

    private Action<ButtonPress> Pressed { get; }

    public void Dispose()
    {
        _stop.Set();
        if (_thread?.Join(TimeSpan.FromSeconds(1)) ?? true) _stop.Dispose();
    }

    private static TimeSpan Now => TimeSpan.FromSeconds(TimeProvider.System.GetTimestamp() / (double)TimeProvider.System.TimestampFrequency);

    private void Watch()
    {
        while (!_stop.IsSet)
        {
#pragma warning disable CA1031 // A button may fail in any way; it must not take the device down.
            try
            {
                using var line = _open!();
                LogOpened(line.HasPullUp ? "with a pull-up from the kernel, if the pin's driver has one" : "without a pull-up: the kernel or libgpiod has none, so the board needs a resistor");
                _backoff.Reset();
                _health.Report(DevicePart.Button, PartLevel.Ok, LineState.Working);
                Watch(line);
            }
            catch (Exception e)
            {
                var wait = _backoff.Next();
                _health.Count("buttonFailures");
                _health.Report(DevicePart.Button, PartLevel.Degraded, LineStates.Of(e), e.Message);
                LogFailed(wait.TotalSeconds, e.Message);
                _stop.Wait(wait);
            }
#pragma warning restore CA1031
        }
    }

    private void Watch(GpioInput line)
    {
        var decoder = new ButtonDecoder(_options, line.Read());
        var changed = Now;
        while (!_stop.IsSet)
        {
            var wait = decoder.Due is { } due && due - Now < Look ? due - Now : Look;
            _edges.Clear();
            line.Wait(wait, _edges);
            foreach (var edge in _edges)
            {
                changed = edge.Time;
                Raise(decoder.Edge(edge.Active, edge.Time));
            }

            // An edge that was lost (the kernel keeps 16) shows when nothing moves any more.
            if (_edges.Count == 0)
            {
                var level = line.Read();
                if (level != decoder.IsClosed) Raise(decoder.Edge(level, changed = Now));
            }

            Raise(decoder.Advance(Now));
            ReportStuck(decoder.IsPressed && Now - changed > StuckAfter);
        }
    }

    private void ReportStuck(bool isStuck)
    {
        if (!isStuck) _health.Report(DevicePart.Button, PartLevel.Ok, LineState.Working);
        else _health.Report(DevicePart.Button, PartLevel.Degraded, LineState.Stuck, $"The button has read pressed for over {StuckAfter.TotalSeconds} s: is it jammed, is its pull-up missing or too weak (a Jetson's header needs 1 kΩ to 3.3 V), or is activeLow wrong in the board file?");
    }

    private void Raise(ButtonPress? press)
    {
        if (press is not { } happened) return;
        LogPressed(happened);
        _health.Count(happened == ButtonPress.Long ? "buttonLongPresses" : "buttonShortPresses");
#pragma warning disable CA1031 // Whoever listens may fail; the button goes on.
        try
        {
            Pressed(happened);
        }
        catch (Exception e)
        {
            LogHandlerFailed(happened, e);
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(3211, LogLevel.Information, "Button: watched, {PullUp}")]
    private partial void LogOpened(string pullUp);

    [LoggerMessage(3212, LogLevel.Debug, "The button failed, next try in {Seconds} s: {Reason}")]
    private partial void LogFailed(double seconds, string reason);

    [LoggerMessage(3213, LogLevel.Information, "Button: {Press} press")]
    private partial void LogPressed(ButtonPress press);

    [LoggerMessage(3214, LogLevel.Error, "What a {Press} press of the button does failed")]
    private partial void LogHandlerFailed(ButtonPress press, Exception cause);
}
