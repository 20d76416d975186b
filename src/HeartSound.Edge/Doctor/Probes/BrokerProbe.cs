using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeartSound.Edge.Commands;
using HeartSound.Edge.Outputs;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>
/// Whether the broker takes this device, with the client that the service uses, over TLS where that is set, and whether it may publish there. MQTT 3.1.1 does not tell a client that it may not: so the
/// status is published and waited for. It is the one that is retained already, or a true "stopped"; nobody learns anything wrong, and nothing is retained. Under another client id, for the same one would throw
/// the service out.
/// </summary>
internal static class BrokerProbe
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EchoLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetainedLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = ConnectLimit + EchoLimit + RetainedLimit + TimeSpan.FromSeconds(5);

    /// <summary>Where systemd looks for the service's password.</summary>
    private static readonly string[] ServicePasswords = [$"/etc/credstore/{BrokerSecrets.PasswordCredential}", $"/run/credstore/{BrokerSecrets.PasswordCredential}", $"/usr/lib/credstore/{BrokerSecrets.PasswordCredential}"];

    public static Probe Create() => new("broker", "broker", Limit, (facts, stop) =>
    {
        var options = facts.Settings.Broker;
        if (options.Host is not { } host) return new Finding("broker", FindingLevel.NotApplicable, "no broker is set: nothing leaves this device");
        var device = facts.Settings.Name;
        if (OnlyTheServiceHas(options) is { } credential)
            return new Finding("broker", FindingLevel.Warning, $"what {host} asks for is systemd's credential '{credential}', which only the service can read", "'systemctl status heartsound' and the part 'broker' on MQTT say whether it is let in.");
        MqttOptions broker;
        try
        {
            broker = BrokerChoices.Read(options, device)!;
        }
        catch (SetupException e)
        {
            return new Finding("broker", FindingLevel.Failed, e.Message, "The service's user must be able to read its files, and nobody else its secrets.");
        }

        var port = broker.Port;
        var clock = new DeviceClock(TimeProvider.System);
        var details = new JsonObject { ["host"] = host, ["port"] = port, ["tls"] = broker.Tls is not null, ["device"] = device };
        using var changed = new AutoResetEvent(false);
        var (attempts, taken, echoed) = (0, false, false);
        var (retained, refusal) = ((byte[]?)null, (string?)null);
        using var client = new MosquittoClient(broker.Client($"{Topics.Root}-doctor-{Guid.NewGuid():N}"[..32]));
        client.Disconnected += _ =>
        {
            attempts++;
            changed.Set();
        };
        client.Connected += () => changed.Set();
        client.Acknowledged += _ =>
        {
            taken = true;
            changed.Set();
        };
        client.Refused += (_, reason) =>
        {
            refusal = reason;
            changed.Set();
        };
        client.Received += message =>
        {
            if (message.Retain) retained = message.Payload;
            else echoed = true;
            changed.Set();
        };
        client.Subscribe(Topics.Status(device), qos: 1);
        var started = Stopwatch.GetTimestamp();
        client.Start();

        // One that closes without a word may only know the older MQTT, which comes next.
        Until(changed, ConnectLimit, () => client.IsConnected || attempts > (client.LastFault?.Kind == MosquittoFaultKind.ClosedEarly ? 1 : 0), stop);
        details["connected"] = client.IsConnected;
        if (!client.IsConnected)
        {
            var fault = client.LastFault;
            client.Stop(TimeSpan.Zero);
            var trouble = fault is null ? new BrokerTrouble(BrokerState.Away, FormattableString.Invariant($"{host}:{port} does not answer within {ConnectLimit.TotalSeconds:0} s.")) : new BrokerDiagnosis(broker, clock).Of(fault);
            details["cause"] = JsonNamingPolicy.CamelCase.ConvertName(trouble.State.ToString());
            return new Finding("broker", FindingLevel.Failed, trouble.Text, "Is the broker running and reachable from here, are port, broker.username and the password right? docs/broker.md says what to do about each cause.", details);
        }

        var isMqtt5 = client.Protocol == MosquittoProtocol.Mqtt5;
        details["connectMs"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        details["protocol"] = isMqtt5 ? "MQTT 5" : "MQTT 3.1.1";
        Until(changed, RetainedLimit, () => retained is not null, stop);
        client.Publish(Topics.Status(device), retained ?? new StatusMessage { Device = device, Status = DeviceStatus.Stopped, Session = Guid.Empty, At = clock.Now, Software = VerdictStamp.Software }.ToJson(), qos: 1, retain: false);
        Until(changed, EchoLimit, () => echoed || refusal is not null || (taken && isMqtt5), stop);
        client.Stop(TimeSpan.FromSeconds(1));
        var published = refusal is null && (echoed || (taken && isMqtt5)); // only MQTT 5 turns away what may not be published
        details["published"] = published;
        var acl = $"The broker's access list must let this user write {Topics.Root}/{device}/#.";
        if (refusal is not null) return new Finding("broker", FindingLevel.Failed, $"{host}:{port} takes this device, and turns away what it publishes: {refusal}", acl, details);
        return published
            ? new Finding("broker", FindingLevel.Ok, $"{host}:{port} takes this device as '{device}', and it may publish{(broker.Tls is null ? "" : "; encrypted")}", null, details)
            : new Finding("broker", FindingLevel.Warning, $"{host}:{port} takes this device, and what it published did not come back", $"{acl} (If it may write and not read there, this is no fault.)", details);
    });

    /// <summary>The credential that the settings count on and that is not there, since this is not the service; null when there is none such.</summary>
    private static string? OnlyTheServiceHas(BrokerOptions options)
    {
        if (Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is not null) return null;
        if (options.Tls is { CertificateFile: not null, KeyFile: null }) return BrokerSecrets.KeyCredential;
        return options is { Username: not null, PasswordFile: null } && ServicePasswords.Any(File.Exists) ? BrokerSecrets.PasswordCredential : null;
    }

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
