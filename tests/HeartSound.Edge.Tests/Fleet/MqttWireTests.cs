using System.Buffers;
using System.Text;
using HeartSound.Edge.Fleet;

namespace HeartSound.Edge.Tests.Fleet;

public sealed class MqttWireTests
{
    [Fact]
    public void WriteConnect_EveryField_IsAsTheStandardSays()
    {
        var to = new ArrayBufferWriter<byte>();
        var identity = new MqttIdentity { ClientId = "ab", Username = "u", Password = "pw", Will = new MqttLastWill("w/t", [1, 2, 3]) };

        MqttWire.WriteConnect(to, identity, cleanSession: true, TimeSpan.FromSeconds(300));

        // MQTT 3.1.1, 3.1: name, level 4, flags, keep-alive; client id, will's topic and message, user, password. The will is retained, QoS 1.
        byte[] expected =
        [
            0x10, 31, 0, 4, .. "MQTT"u8, 4, 0b1110_1110, 0x01, 0x2C,
            0, 2, .. "ab"u8, 0, 3, .. "w/t"u8, 0, 3, 1, 2, 3, 0, 1, .. "u"u8, 0, 2, .. "pw"u8,
        ];
        Assert.Equal(expected, to.WrittenSpan.ToArray());
    }

    [Fact]
    public void WriteConnect_NothingButTheId_SaysSoInTheFlags()
    {
        var to = new ArrayBufferWriter<byte>();

        MqttWire.WriteConnect(to, new MqttIdentity { ClientId = "x" }, cleanSession: false, TimeSpan.FromSeconds(20));

        Assert.Equal(0, to.WrittenSpan[9]);
        Assert.Equal(2 + 13, to.WrittenCount);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(121, 1)] // the last that fits into one byte of length: 4 of the topic, 2 of the id
    [InlineData(122, 2)]
    [InlineData(16_377, 2)]
    [InlineData(16_378, 3)]
    [InlineData(2_097_145, 3)]
    [InlineData(2_097_146, 4)]
    public void TryRead_WhatWritePublishWrote_InAnyPieces_IsWhatWasWritten(int payloadBytes, int lengthBytes)
    {
        var to = new ArrayBufferWriter<byte>();
        var sent = new byte[payloadBytes];
        new Random(1).NextBytes(sent);
        MqttWire.WritePublish(to, "ä", sent, id: 513, retain: true);
        MqttWire.WritePubAck(to, 7);
        var whole = 1 + lengthBytes + 4 + 2 + payloadBytes;

        Assert.False(MqttWire.TryRead(to.WrittenSpan[..1], out _, out _));
        Assert.False(MqttWire.TryRead(to.WrittenSpan[..(whole - 1)], out _, out _));
        Assert.True(MqttWire.TryRead(to.WrittenSpan, out var packet, out var length));
        Assert.Equal(whole, length);
        Assert.Equal((MqttWire.Publish, 1), (packet.Type, packet.Qos));
        packet.ReadPublish(out var topic, out var id, out var payload);
        Assert.Equal(("ä", 513), (topic, id));
        Assert.True(payload.SequenceEqual(sent));

        Assert.True(MqttWire.TryRead(to.WrittenSpan[length..], out var ack, out length));
        Assert.Equal((MqttWire.PubAck, 7, 4), (ack.Type, ack.AcknowledgedId, length));
    }

    [Fact]
    public void ReadPublish_QosZero_HasNoId()
    {
        var to = new ArrayBufferWriter<byte>();
        MqttWire.WritePublish(to, "a/b", Encoding.UTF8.GetBytes("{}"), id: 0, retain: false);

        Assert.True(MqttWire.TryRead(to.WrittenSpan, out var packet, out _));
        packet.ReadPublish(out var topic, out var id, out var payload);

        Assert.Equal((0, "a/b", 0), (packet.Qos, topic, id));
        Assert.Equal("{}"u8.ToArray(), payload.ToArray());
    }

    [Fact]
    public void TryRead_LengthWithoutEnd_Throws() =>
        Assert.Throws<InvalidDataException>(() => MqttWire.TryRead([0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1], out _, out _));
}
