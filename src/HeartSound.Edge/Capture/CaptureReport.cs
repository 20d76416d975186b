using System.Text.Json;
using HeartSound.Edge.Health;

namespace HeartSound.Edge.Capture;

/// <summary>Tells the device's health how the stethoscope is, and counts each trouble once when it begins. Used by the capture thread.</summary>
internal sealed class CaptureReport(DeviceHealth health)
{
    /// <summary>What was told last.</summary>
    public CaptureState State { get; private set; } = CaptureState.Starting;

    /// <summary>Samples come, and are good.</summary>
    public void Listening()
    {
        if (State == CaptureState.Listening) return;
        State = CaptureState.Listening;
        health.Report(DevicePart.Capture, PartLevel.Ok, CaptureState.Listening);
    }

    /// <summary>Samples come, and some were lost.</summary>
    public void Overrun(string message)
    {
        State = CaptureState.Overrun;
        health.Report(DevicePart.Capture, PartLevel.Degraded, CaptureState.Overrun, message);
    }

    /// <summary>No good samples come.</summary>
    /// <param name="state">Why.</param>
    /// <param name="message">For people, with what to do.</param>
    public void Trouble(CaptureState state, string message)
    {
        if (State != state) health.Count(JsonNamingPolicy.CamelCase.ConvertName(state.ToString()));
        State = state;
        health.Report(DevicePart.Capture, PartLevel.Failed, state, message);
    }

    /// <summary>It was lost and is open again.</summary>
    public void Reconnected() => health.Count("reconnects");

    /// <summary>Samples are missing from the stream.</summary>
    public void Lost(long samples) => health.Count("lostSamples", samples);

    /// <summary>Samples were dropped because this machine was too slow.</summary>
    public void CountOverrun() => health.Count("overruns");
}
