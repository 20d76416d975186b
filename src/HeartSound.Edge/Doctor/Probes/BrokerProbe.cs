using System.Diagnostics;
using System.Text.Json.Nodes;
using HeartSound.Edge.Commands;
using HeartSound.Edge.Outputs;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>
/// Whether the broker takes this device, with the client that the service uses, and whether it may publish there. MQTT 3.1.1 does not tell a client that it may not: so the status is
/// published and waited for. It is the one that is retained already, or a true "stopped"; nobody learns anything wrong, and nothing is retained. Under another client id, for the same one would throw
/// the service out.
/// </summary>
internal static class BrokerProbe
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EchoLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetainedLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = ConnectLimit + EchoLimit + RetainedLimit + TimeSpan.FromSeconds(5);

    public static Probe Create() => new("broker", "broker", Limit, (facts, stop) =>
    {
        var options = facts.Settings.Broker;
        if (options.Host is not { } host) return new Finding("broker", FindingLevel.NotApplicable, "no broker is set: nothing leaves this device");
        var device = facts.Settings.Name;
        MqttOptions broker;
        try
        {
            broker = BrokerChoices.Read(options, device)!;
        }
        catch (SetupException e)
        {
            return new Finding("broker", FindingLevel.Failed, e.Message, "The service's user must be able to read it, and nobody else.");
        }

        var port = broker.Port;
        var details = new JsonObject { ["host"] = host, ["port"] = port, ["tls"] = broker.Tls is not null, ["device"] = device };
        using var changed = new AutoResetEvent(false);
        var (why, echoed, retained) = ((string?)null, false, (byte[]?)null);
        using var client = new MosquittoClient(broker.Client($"{Topics.Root}-doctor-{Guid.NewGuid():N}"[..32]));
        client.Disconnected += reason =>
        {
            why = reason;
            changed.Set();
        };
        client.Connected += () => changed.Set();
        client.Received += message =>
        {
            if (message.Retain) retained = message.Payload;
            else echoed = true;
            changed.Set();
        };
        client.Subscribe(Topics.Status(device), qos: 1);
        var started = Stopwatch.GetTimestamp();
        client.Start();
        var connected = Until(changed, ConnectLimit, () => client.IsConnected || why is not null, stop) && client.IsConnected;
        details["connected"] = connected;
        if (!connected)
        {
            client.Stop(TimeSpan.Zero);
            return new Finding("broker", FindingLevel.Failed, $"{host}:{port} does not take this device: {why ?? FormattableString.Invariant($"no answer within {ConnectLimit.TotalSeconds:0} s")}", "Is the broker running and reachable from here, are port, broker.username and the password right?", details);
        }

        details["connectMs"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        Until(changed, RetainedLimit, () => retained is not null, stop);
        client.Publish(Topics.Status(device), retained ?? new StatusMessage { Device = device, Status = DeviceStatus.Stopped, Session = Guid.Empty, At = new DeviceClock(TimeProvider.System).Now, Software = VerdictStamp.Software }.ToJson(), qos: 1, retain: false);
        Until(changed, EchoLimit, () => echoed, stop);
        client.Stop(TimeSpan.FromSeconds(1));
        details["published"] = echoed;
        return echoed
            ? new Finding("broker", FindingLevel.Ok, $"{host}:{port} takes this device as '{device}', and it may publish", null, details)
            : new Finding("broker", FindingLevel.Warning, $"{host}:{port} takes this device, and what it published did not come back", $"The broker's access list must let this user write {Topics.Root}/{device}/#. (If it may write and not read there, this is no fault.)", details);
    });

    private static bool Until(AutoResetEvent changed, TimeSpan limit, Func<bool> condition, CancellationToken stop)
    {
        for (var started = Stopwatch.GetTimestamp(); !condition();)
        {
            var left = limit - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || stop.IsCancellationRequested) return false;
            changed.WaitOne(left < TimeSpan.FromMilliseconds(100) ? left : TimeSpan.FromMilliseconds(100));
        }

        return true;
    }
}
