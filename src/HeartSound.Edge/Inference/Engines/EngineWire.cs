using System.Buffers.Binary;

namespace HeartSound.Edge.Inference.Engines;

/// <summary>How the service and the engine's process speak: frames of a kind (1 byte), a length (4 bytes, little-endian) and so many bytes, over two pipes. One thread on each
/// side; reading and writing allocate nothing.</summary>
internal sealed class EngineWire(Stream incoming, Stream outgoing)
{
    /// <summary>A message of words; a window of features is a tenth of that.</summary>
    public const int LongestFrame = 1 << 20;

    private readonly byte[] _head = new byte[5];

    /// <exception cref="IOException">The other side is gone.</exception>
    public void Write(EngineFrame kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        outgoing.Write(head);
        outgoing.Write(bytes);
        outgoing.Flush();
    }

    /// <summary>Reads the head of the next frame.</summary>
    /// <exception cref="IOException">The other side is gone, or speaks something else.</exception>
    public (EngineFrame Kind, int Length) ReadHead()
    {
        Fill(_head);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_head.AsSpan(1));
        if (length is < 0 or > LongestFrame || !Enum.IsDefined((EngineFrame)_head[0])) throw new InvalidDataException($"a frame of kind {_head[0]} with {length} bytes is none");
        return ((EngineFrame)_head[0], length);
    }

    /// <summary>Reads what follows a head.</summary>
    public void Fill(Span<byte> bytes) => incoming.ReadExactly(bytes);

    public byte[] Read(int length)
    {
        var bytes = new byte[length];
        Fill(bytes);
        return bytes;
    }
}

/// <summary>What a frame holds.</summary>
internal enum EngineFrame : byte
{
    /// <summary>Service: what to load, as JSON.</summary>
    Order = 1,

    /// <summary>Engine: loaded, and it computes, as JSON.</summary>
    Hello,

    /// <summary>Engine: why it cannot, as text; nothing follows.</summary>
    Fault,

    /// <summary>Service: a window's features, float32.</summary>
    Features,

    /// <summary>Engine: its logits, float32.</summary>
    Logits,
}
