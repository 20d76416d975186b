using System.Buffers.Binary;
using System.Text;

namespace HeartSound.Edge.Fleet;

/// <summary>A packet as it came; valid while the buffer is that it lies in.</summary>
/// <param name="first">Its first byte: type and flags.</param>
/// <param name="body">What follows its length.</param>
internal readonly ref struct MqttPacket(byte first, ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    public int Type => first >> 4;

    /// <summary>Of a message that is published: 0 or 1.</summary>
    public int Qos => (first >> 1) & 3;

    /// <summary>Of an acknowledgement: which message.</summary>
    public ushort AcknowledgedId => BinaryPrimitives.ReadUInt16BigEndian(_body);

    /// <summary>Of the answer to CONNECT: 0 for welcome (MQTT 3.1.1, 3.2.2.3).</summary>
    public int ReturnCode => _body[1];

    /// <summary>Of the answer to SUBSCRIBE: the QoS that is granted, or 0x80 for a refusal.</summary>
    public int Granted => _body[2];

    /// <summary>Of a message that is published.</summary>
    /// <param name="topic">Where it was published.</param>
    /// <param name="id">To acknowledge it with; 0 at QoS 0.</param>
    /// <param name="payload">The message.</param>
    public void ReadPublish(out string topic, out ushort id, out ReadOnlySpan<byte> payload)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(_body);
        topic = Encoding.UTF8.GetString(_body.Slice(2, length));
        var rest = _body[(2 + length)..];
        id = Qos > 0 ? BinaryPrimitives.ReadUInt16BigEndian(rest) : (ushort)0;
        payload = Qos > 0 ? rest[2..] : rest;
    }
}
