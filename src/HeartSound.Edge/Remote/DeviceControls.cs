using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.Remote;

/// <summary>What of a device commands and the button reach. Any thread.</summary>
/// <param name="Examinations">Begin, go on and end.</param>
/// <param name="Activity">Identifies itself; lamps are muted.</param>
/// <param name="Health">Whether an examination could begin; counts commands.</param>
/// <param name="Heat">What heat allows.</param>
public sealed record DeviceControls(Examinations Examinations, DeviceActivity Activity, DeviceHealth Health, Func<HeatStep> Heat)
{
    private volatile Action? _restartCapture;

    /// <summary>Closes the stethoscope and opens it again, soon; null where there is none.</summary>
    public Action? RestartCapture
    {
        get => _restartCapture;
        set => _restartCapture = value;
    }

    /// <summary>What the button does. A press that lights muted lamps starts and ends nothing: who presses it sees nothing yet.</summary>
    public void Press(ButtonPress press)
    {
        var wasMuted = Activity.Unmute();
        if (press == ButtonPress.Long) Activity.Identify();
        else if (!wasMuted) Examinations.Toggle();
    }

    /// <summary>Why no examination can begin now, for people; null when one can.</summary>
    public string? Obstacle =>
        !Activity.IsReady ? "The device is starting."
        : Heat() == HeatStep.Paused ? "The device is too hot and pauses."
        : Health.Parts.GetValueOrDefault(DevicePart.Capture) is { Level: PartLevel.Failed } capture ? capture.Message ?? $"The stethoscope: {capture.Cause}."
        : !Examinations.IsListening ? "There is no stethoscope to listen to yet."
        : null;
}
