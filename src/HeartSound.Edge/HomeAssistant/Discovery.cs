using System.Text.Json;
using System.Text.Json.Nodes;
using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.HomeAssistant;

/// <summary>How a device presents itself to Home Assistant (<c>docs/home-assistant.md</c>): MQTT device discovery, one retained message with every entity.</summary>
internal static class Discovery
{
    /// <summary>What stands in front of a device's name there.</summary>
    private const string ObjectPrefix = "heartsound-";

    /// <summary>Where Home Assistant looks, under its discovery prefix.</summary>
    public static string Topic(string prefix, string device) => $"{prefix}/device/{ObjectPrefix}{device}/config";

    /// <summary>The same under every prefix, to subscribe to.</summary>
    public static string AnyTopic(string device) => Topic("+", device);

    /// <summary>Where Home Assistant says that it has started.</summary>
    public static string BirthTopic(string prefix) => $"{prefix}/status";

    /// <summary>What Home Assistant says there.</summary>
    public const string Birth = "online";

    /// <param name="device">Name of the device in its topics.</param>
    /// <param name="software">Version of this program.</param>
    public static byte[] Payload(string device, string software) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["dev"] = new JsonObject
        {
            ["ids"] = new JsonArray(ObjectPrefix + device),
            ["name"] = device,
            ["mf"] = "HeartSound.Edge",
            ["mdl"] = "Heart sound listener (a research tool, not a medical device)",
            ["sw"] = software,
        },
        ["o"] = new JsonObject { ["name"] = "HeartSound.Edge", ["sw"] = software },
        ["avty"] = new JsonArray(new JsonObject
        {
            ["t"] = Topics.Status(device),
            ["val_tpl"] = "{{ 'online' if value_json.status == 'online' else 'offline' }}",
            ["pl_avail"] = "online",
            ["pl_not_avail"] = "offline",
        }),
        ["cmps"] = Entities.Of(device),
    }, EdgeJson.Compact);
}
