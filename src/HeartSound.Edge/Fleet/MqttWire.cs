using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace HeartSound.Edge.Fleet;

/// <summary>
/// MQTT 3.1.1 (OASIS, 2014) as far as a simulated device and a consumer need it: QoS 0 and 1. The program has its own because libmosquitto waits with
/// <c>select</c>, which takes no descriptor above 1,023, and needs three a client: one process would end at 340 devices.
/// </summary>
internal static class MqttWire
{
    private const int MaxRemainingLengthBytes = 4;

    /// <summary>The types of packets that are read or written here, as in the upper half of their first byte.</summary>
    public const int Connect = 1, ConnAck = 2, Publish = 3, PubAck = 4, Subscribe = 8, SubAck = 9, PingReq = 12, PingResp = 13, Disconnect = 14;

    public static ReadOnlySpan<byte> PingPacket => [PingReq << 4, 0];

    public static ReadOnlySpan<byte> DisconnectPacket => [Disconnect << 4, 0];

    /// <summary>The next packet of what came; false while it is not whole.</summary>
    /// <param name="bytes">What came and was not read.</param>
    /// <param name="packet">The packet; its body lies in <paramref name="bytes"/>.</param>
    /// <param name="length">Bytes that it took.</param>
    /// <exception cref="InvalidDataException">That is not MQTT.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MqttPacket packet, out int length)
    {
        packet = default;
        length = 0;
        var remaining = 0;
        for (var i = 1; i <= MaxRemainingLengthBytes; i++)
        {
            if (bytes.Length <= i) return false;
            remaining |= (bytes[i] & 0x7F) << (7 * (i - 1));
            if (bytes[i] >= 0x80) continue;
            length = i + 1 + remaining;
            if (bytes.Length < length) return false;
            packet = new MqttPacket(bytes[0], bytes[(i + 1)..length]);
            return true;
        }

        throw new InvalidDataException("a packet without a length");
    }

    public static void WriteConnect(IBufferWriter<byte> to, MqttIdentity identity, bool cleanSession, TimeSpan keepAlive)
    {
        var will = identity.Will;
        var length = 10 + Size(identity.ClientId) + (will is { } w ? Size(w.Topic) + 2 + w.Payload.Length : 0)
            + (identity.Username is { } u ? Size(u) : 0) + (identity.Password is { } p ? Size(p) : 0);
        Head(to, Connect << 4, length);
        Text(to, "MQTT");
        var flags = (cleanSession ? 2 : 0) | (will is null ? 0 : 0x04 | 1 << 3 | 0x20) | (identity.Password is null ? 0 : 0x40) | (identity.Username is null ? 0 : 0x80);
        to.Write<byte>([4, (byte)flags]);
        Number(to, (int)keepAlive.TotalSeconds);
        Text(to, identity.ClientId);
        if (will is not null)
        {
            Text(to, will.Topic);
            Number(to, will.Payload.Length);
            to.Write(will.Payload);
        }

        if (identity.Username is { } user) Text(to, user);
        if (identity.Password is { } password) Text(to, password);
    }

    /// <param name="to">Where to.</param>
    /// <param name="topic">Without wildcards.</param>
    /// <param name="payload">The message.</param>
    /// <param name="id">1 to 65535: QoS 1; 0: QoS 0.</param>
    /// <param name="retain">Whether the broker keeps it for who comes later.</param>
    public static void WritePublish(IBufferWriter<byte> to, string topic, ReadOnlySpan<byte> payload, ushort id, bool retain)
    {
        Head(to, (byte)((Publish << 4) | (id > 0 ? 2 : 0) | (retain ? 1 : 0)), Size(topic) + (id > 0 ? 2 : 0) + payload.Length);
        Text(to, topic);
        if (id > 0) Number(to, id);
        to.Write(payload);
    }

    public static void WritePubAck(IBufferWriter<byte> to, ushort id)
    {
        Head(to, PubAck << 4, 2);
        Number(to, id);
    }

    public static void WriteSubscribe(IBufferWriter<byte> to, ushort id, string filter, int qos)
    {
        Head(to, (Subscribe << 4) | 2, 2 + Size(filter) + 1);
        Number(to, id);
        Text(to, filter);
        to.Write<byte>([(byte)qos]);
    }

    private static int Size(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    private static void Head(IBufferWriter<byte> to, int first, int remaining)
    {
        Span<byte> head = stackalloc byte[1 + MaxRemainingLengthBytes];
        head[0] = (byte)first;
        var length = 1;
        do
        {
            head[length++] = (byte)((remaining & 0x7F) | (remaining > 0x7F ? 0x80 : 0));
            remaining >>= 7;
        }
        while (remaining > 0);
        to.Write(head[..length]);
    }

    private static void Number(IBufferWriter<byte> to, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(2), (ushort)value);
        to.Advance(2);
    }

    private static void Text(IBufferWriter<byte> to, string text)
    {
        Number(to, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, to);
    }
}
