using System.Text.Json.Nodes;
using HeartSound.Edge.Capture;
using HeartSound.Native.PortAudio;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Which microphones there are, by everything that they can be chosen by, and which of them is the stethoscope.</summary>
internal static class MicrophonesProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8); // Pa_Initialize asks every ALSA device, also those that are slow

    public static Probe Create() => new("microphones", "microphones", Limit, (facts, _) =>
    {
        CaptureSurvey survey;
        try
        {
            survey = Stethoscope.Survey(facts.Settings.Capture);
        }
        catch (PortAudioException e)
        {
            return new Finding("microphones", FindingLevel.Failed, e.Message, "Install libasound2 and look at 'arecord -l'.");
        }

        var details = new JsonObject
        {
            ["portAudio"] = PortAudioSession.Version,
            ["rule"] = survey.Choice.Rule,
            ["stethoscope"] = survey.Choice.Device?.Audio.Name,
            ["devices"] = new JsonArray([.. survey.Devices.Select(d => new JsonObject
            {
                ["name"] = d.Audio.Name,
                ["usbPath"] = d.Card?.UsbPath,
                ["usbId"] = d.FullUsbId,
                ["alsaCard"] = d.Card?.Id,
                ["channels"] = d.Audio.MaxInputChannels,
                ["sampleRateHz"] = d.Audio.DefaultSampleRateHz,
            })]),
        };
        return survey.Choice.Device is not null ? new Finding("microphones", FindingLevel.Ok, survey.Choice.Message, null, details)
            : CardHolder.All(facts).FirstOrDefault(h => h.IsService) is { } held ? new Finding("microphones", FindingLevel.Ok, $"our own service (process {held.Pid}) listens to '{held.Card.Name}' right now, so nobody else can see it", null, details)
            : new Finding("microphones", FindingLevel.Failed, survey.Choice.Message,
                survey.Choice.Fault == CaptureState.CannotOpen ? "End the program that has it, or let this user listen: sudo usermod -aG audio USER, and log in again."
                : survey.Devices.Count == 0 ? "Plug the stethoscope in, look whether 'arecord -l' shows it, and whether this user is in the group 'audio'." : "Set capture.usbPath, capture.usbId, capture.alsaCard or capture.name to what is true of one of them alone.", details);
    });
}
