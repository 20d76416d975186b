using System.Text;

namespace HeartSound.Edge.Tests.Recordings;

/// <summary>Builds WAV files byte by byte, right ones and wrong ones.</summary>
internal sealed class WavBytes
{
    public string Magic { get; init; } = "RIFF";

    public int Tag { get; init; } = 1;

    public int Channels { get; init; } = 1;

    public long SampleRateHz { get; init; } = 2000;

    public int Bits { get; init; } = 16;

    public int? BlockBytes { get; init; }

    /// <summary>Wraps the tag into WAVE_FORMAT_EXTENSIBLE.</summary>
    public bool Extensible { get; init; }

    /// <summary>What the data chunk says its size is; the true size when null.</summary>
    public uint? ClaimedDataBytes { get; init; }

    /// <summary>What a ds64 chunk says the size of the data is; no such chunk when null.</summary>
    public ulong? Size64 { get; init; }

    public bool DataBeforeFormat { get; init; }

    public (string Id, byte[] Body)[] Before { get; init; } = [];

    public (string Id, byte[] Body)[] After { get; init; } = [];

    public byte[] Of(params byte[] data)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.Latin1);
        void Chunk(string id, byte[] body, uint? claimed = null)
        {
            writer.Write(Encoding.Latin1.GetBytes(id));
            writer.Write(claimed ?? (uint)body.Length);
            writer.Write(body);
            if (body.Length % 2 == 1) writer.Write((byte)0);
        }

        writer.Write(Encoding.Latin1.GetBytes(Magic));
        writer.Write(0u);
        writer.Write("WAVE"u8);
        if (Size64 is { } size64) Chunk("ds64", [.. BitConverter.GetBytes(0ul), .. BitConverter.GetBytes(size64), .. BitConverter.GetBytes(0ul), .. BitConverter.GetBytes(0u)]);
        foreach (var (id, body) in Before) Chunk(id, body);
        if (DataBeforeFormat) Chunk("data", data, ClaimedDataBytes);
        Chunk("fmt ", Format());
        if (!DataBeforeFormat) Chunk("data", data, ClaimedDataBytes);
        foreach (var (id, body) in After) Chunk(id, body);
        writer.Flush();
        var result = bytes.ToArray();
        BitConverter.TryWriteBytes(result.AsSpan(4), Magic == "RIFF" ? (uint)result.Length - 8 : uint.MaxValue);
        return result;
    }

    private byte[] Format()
    {
        var block = BlockBytes ?? Channels * ((Bits + 7) / 8);
        byte[] plain = [
            .. BitConverter.GetBytes((ushort)(Extensible ? 0xFFFE : Tag)), .. BitConverter.GetBytes((ushort)Channels), .. BitConverter.GetBytes((uint)SampleRateHz),
            .. BitConverter.GetBytes((uint)(SampleRateHz * block)), .. BitConverter.GetBytes((ushort)block), .. BitConverter.GetBytes((ushort)Bits)];
        if (!Extensible) return plain;
        return [.. plain, .. BitConverter.GetBytes((ushort)22), .. BitConverter.GetBytes((ushort)Bits), .. BitConverter.GetBytes(0u), .. BitConverter.GetBytes((ushort)Tag),
            0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
    }

    /// <summary>Little-endian 16-bit samples.</summary>
    public static byte[] Int16(params short[] samples) => [.. samples.SelectMany(BitConverter.GetBytes)];
}
