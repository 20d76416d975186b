using System.CommandLine;
using System.Text;
using System.Text.Json;
using HeartSound.Edge.Outputs;
using HeartSound.Native.Mosquitto;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>watch</c>: verdicts of all devices, as they arrive from the broker.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var broker = new BrokerChoices("MQTT broker to listen at.", required: true);
        var json = new Option<bool>("--json") { Description = "The verdicts as they came, a line each." };
        var command = new Command("watch", "Verdicts of all devices, as they arrive from the broker, until interrupted.") { json };
        foreach (var option in broker.Options) command.Add(option);
        command.SetAction(async (parsed, stop) =>
        {
            var options = broker.Read(parsed, "watch")!;
            using var client = new MosquittoClient(options.Client($"{Topics.Root}-watch-{Guid.NewGuid():N}"));
            client.Connected += () => Console.Error.WriteLine($"Watching {options.Host}:{options.Port}.");
            client.Subscribe(Topics.AllVerdicts, qos: 1);
            client.Subscribe(Topics.AllStatuses, qos: 1);
            var diagnosis = new BrokerDiagnosis(options, new DeviceClock(TimeProvider.System));
            client.Disconnected += _ => Console.Error.WriteLine($"{diagnosis.Of(client.LastFault).Text} Trying again.");
            var asJson = parsed.GetValue(json);
            client.Received += message => Show(message, asJson);
            client.Start();
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
            }
            catch (OperationCanceledException)
            {
                // Interrupting is how a person ends this verb.
            }

            client.Stop(TimeSpan.FromSeconds(1));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(MosquittoMessage message, bool asJson)
    {
        try
        {
            if (message.Topic.EndsWith("/status", StringComparison.Ordinal))
            {
                var status = StatusMessage.FromJson(message.Payload);
                if (!asJson) Terminal.Out.MarkupLine($"[grey]{Markup.Escape(status.Device)} is {VerdictText.Words(status.Status)}[/]");
                return;
            }

            var verdict = VerdictMessage.FromJson(message.Payload); // also with --json: a line of it is a verdict
            if (asJson) Console.Out.WriteLine(Encoding.UTF8.GetString(message.Payload));
            else Terminal.Out.MarkupLine(VerdictText.Line(verdict));
        }
        catch (JsonException e)
        {
            Console.Error.WriteLine($"{message.Topic}: cannot be read, and is left out: {e.Message}");
        }
    }
}
