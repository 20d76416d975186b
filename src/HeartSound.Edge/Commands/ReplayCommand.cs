using System.CommandLine;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Commands;

/// <summary><c>replay</c>: the service with recordings as its microphone.</summary>
internal static class ReplayCommand
{
    /// <summary>How long verdicts may take to arrive once the work is done.</summary>
    private static readonly TimeSpan DeliveryDeadline = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var paths = CommandLine.Paths("Recordings (WAV, FLAC), or folders of them, one after the other.");
        var fast = new Option<bool>("--fast") { Description = "As fast as it goes, instead of in real time." };
        var names = new Option<bool>("--publish-file-names") { Description = "Write the file's name on its verdict. Not for names that point to a patient." };
        var model = CommandLine.Model();
        var providers = CommandLine.Providers();
        var channel = CommandLine.ChannelChoice();
        var device = new DeviceChoices();
        var command = new Command("replay", "The service with recordings as its microphone: one verdict a recording, on the terminal and over MQTT.")
        {
            paths, fast, names, model, providers, channel,
        };
        foreach (var option in device.Options) command.Add(option);
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            using var bundle = GoldenCheck.LoadVerified(parsed.GetValue(model), parsed.GetValue(providers)!);
            using var session = new DeviceSession(bundle, device, parsed);
            return Replay(session, parsed.GetValue(paths)!, parsed.GetValue(channel), parsed.GetValue(fast), parsed.GetValue(names), stop);
        }, stop));
        return command;
    }

    private static int Replay(DeviceSession session, string[] paths, Channel channel, bool fast, bool names, CancellationToken stop)
    {
        var found = RecordingFiles.Find(paths);
        var failures = found.Failures.Count;
        foreach (var failure in found.Failures) Console.Error.WriteLine(failure.Message);
        foreach (var file in found.Files)
        {
            if (stop.IsCancellationRequested) break;
            try
            {
                using var source = new RecordingSource(RecordingReader.Open(file, channel), fast ? Pace.AsFastAsItGoes() : Pace.RealTime());
                session.Device.Service.Listen(source, Examinations.OfWholeSource(), names ? Path.GetFileName(file) : null, stop);
            }
            catch (RecordingException e)
            {
                failures++;
                Console.Error.WriteLine(e.Message);
            }
        }

        if (session.Device.Deliver(DeliveryDeadline) > 0) return ExitCode.NotDelivered;
        if (stop.IsCancellationRequested) return ExitCode.Interrupted;
        return failures > 0 ? ExitCode.SomeFailed : ExitCode.Ok;
    }
}
