using System.Text;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.HomeAssistant;

/// <summary>
/// Keeps what Home Assistant knows of a device right, over the device's own connection to its broker: presents it after every connect, and whenever Home Assistant starts,
/// and takes back what was kept under a prefix that is no longer set. Its methods run on the client's thread.
/// </summary>
internal sealed class HomeAssistantLink
{
    private readonly MosquittoClient _client;
    private readonly byte[]? _payload;
    private readonly string? _topic;
    private readonly string? _birthTopic;
    private readonly string _anyTopicEnd;

    /// <param name="client">Not started yet.</param>
    /// <param name="device">Name of the device in its topics.</param>
    /// <param name="prefix">Home Assistant's discovery prefix; null when the device shall not be known there.</param>
    /// <param name="software">Version of this program.</param>
    public HomeAssistantLink(MosquittoClient client, string device, string? prefix, string software)
    {
        _client = client;
        _anyTopicEnd = Discovery.Topic("", device);
        if (prefix is not null)
        {
            _topic = Discovery.Topic(prefix, device);
            _birthTopic = Discovery.BirthTopic(prefix);
            _payload = Discovery.Payload(device, software);
            client.Subscribe(_birthTopic, qos: 1);
        }

        client.Subscribe(Discovery.AnyTopic(device), qos: 1);
        client.Connected += Present;
        client.Received += Receive;
    }

    private void Present()
    {
        if (_topic is not null) _client.Publish(_topic, _payload!, qos: 1, retain: true);
    }

    private void Receive(MosquittoMessage message)
    {
        if (message.Topic == _birthTopic)
        {
            if (!message.Retain && Encoding.UTF8.GetString(message.Payload) == Discovery.Birth) Present();
        }
        else if (message.Retain && message.Payload.Length > 0 && message.Topic != _topic && message.Topic.EndsWith(_anyTopicEnd, StringComparison.Ordinal))
        {
            _client.Publish(message.Topic, [], qos: 1, retain: true);
        }
    }
}
