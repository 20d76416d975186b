using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace HeartSound.Edge.Doctor.Probes;

/// <summary>Whether this machine has an address, and finds the broker's.</summary>
internal static class NetworkProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15); // a resolver that nobody answers takes 10 s

    public static Probe Create() => new("network", "network", Limit, (facts, stop) =>
    {
        var addresses = NetworkInterface.GetAllNetworkInterfaces().Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(n => n.GetIPProperties().UnicastAddresses.Where(a => !a.Address.IsIPv6LinkLocal).Select(a => $"{n.Name} {a.Address}")).ToList();
        var details = new JsonObject { ["addresses"] = new JsonArray([.. addresses.Select(a => JsonValue.Create(a))]), ["host"] = facts.Settings.Broker.Host };
        var text = addresses.Count > 0 ? string.Join(", ", addresses) : "no address";
        if (facts.Settings.Broker.Host is not { } host)
            return addresses.Count > 0 ? new Finding("network", FindingLevel.Ok, text, null, details) : new Finding("network", FindingLevel.NotApplicable, "no address, and no broker that would need one", null, details);
        try
        {
            var found = Dns.GetHostAddressesAsync(host, stop).GetAwaiter().GetResult();
            details["resolved"] = new JsonArray([.. found.Select(a => JsonValue.Create(a.ToString()))]);
            return addresses.Count > 0 || found.Any(IPAddress.IsLoopback)
                ? new Finding("network", FindingLevel.Ok, $"{text}; {host} is {string.Join(", ", found.Select(a => a.ToString()))}", null, details)
                : new Finding("network", FindingLevel.Failed, $"this machine has no address, and the broker is {host}", "Plug the network cable in, or set the wireless network up (nmcli).", details);
        }
        catch (SocketException e)
        {
            return new Finding("network", FindingLevel.Failed, $"{text}; {host} has no address: {e.Message}", "Correct broker.host, or the name server in /etc/resolv.conf.", details);
        }
    });
}
