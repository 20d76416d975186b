using System.CommandLine;
using System.Text.Json;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Commands;

/// <summary><c>retire</c>: takes a device that is gone for good out of the broker's memory, and so out of Home Assistant and every dashboard.</summary>
internal static class RetireCommand
{
    public static Command Create()
    {
        var broker = new BrokerChoices("MQTT broker that remembers the device; the user must be allowed to write the device's topics.", required: true);
        var device = new Option<string>("--device") { Description = "Name of the device in its topics.", HelpName = "NAME", Required = true };
        var yes = new Option<bool>("--yes") { Description = "Really clear. Without it nothing is changed." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says what would be cleared." };
        var force = new Option<bool>("--force") { Description = "Also a device that is online." };
        var json = new Option<bool>("--json") { Description = "One JSON object: device, status, topics, cleared, left." };
        var command = new Command("retire", "Clears everything that a broker keeps of a device that is gone: status, last verdict, health, states, and what Home Assistant knows of it.")
        {
            device, yes, dryRun, force, json,
        };
        foreach (var option in broker.Options) command.Add(option);
        command.SetAction((parsed, stop) =>
        {
            var name = parsed.GetValue(device)!;
            if (!Topics.IsDeviceName(name)) throw new SetupException($"--device is '{name}', must be 1 to 64 letters, digits, '-' or '_'.");
            var options = broker.Read(parsed, name)!;
            var found = Retained.Find(options, stop);
            var status = Status(found);
            var mayClear = parsed.GetValue(yes) && !parsed.GetValue(dryRun);
            if (mayClear && status == DeviceStatus.Online && !parsed.GetValue(force))
                throw new SetupException($"{name} is online, and would say all of it again: stop the device first, or, where its status is wrong, add --force.");
            var left = mayClear && found.Count > 0 ? Retained.Clear(options, [.. found.Select(m => m.Topic)], stop) : [];
            Say(parsed.GetValue(json), name, status, found.Select(m => m.Topic), mayClear, left);
            return Task.FromResult(left.Count > 0 ? ExitCode.NotDelivered : mayClear || parsed.GetValue(dryRun) || found.Count == 0 ? ExitCode.Ok : ExitCode.Usage);
        });
        return command;
    }

    private static void Say(bool asJson, string device, DeviceStatus? status, IEnumerable<string> topics, bool isCleared, IReadOnlyList<string> left)
    {
        if (asJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { device, status, topics, cleared = isCleared, left }, EdgeJson.Compact));
            return;
        }

        foreach (var topic in topics) Console.Out.WriteLine($"{(left.Contains(topic) ? "not cleared: " : isCleared ? "cleared: " : "")}{topic}");
        if (left.Count > 0) Console.Error.WriteLine("The broker keeps some of it: this user may not write there.");
        else if (!topics.Any()) Console.Error.WriteLine($"The broker keeps nothing of {device}.");
        else if (!isCleared) Console.Error.WriteLine("Nothing is changed; add --yes to clear it.");
    }

    private static DeviceStatus? Status(IReadOnlyList<(string Topic, byte[] Payload)> found)
    {
        foreach (var (topic, payload) in found)
        {
            if (!topic.EndsWith("/status", StringComparison.Ordinal)) continue;
            try
            {
                return StatusMessage.FromJson(payload).Status;
            }
            catch (JsonException)
            {
                return null; // whatever it is, it is no device that is online
            }
        }

        return null;
    }
}
