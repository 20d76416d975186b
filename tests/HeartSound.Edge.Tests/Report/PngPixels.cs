using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace HeartSound.Edge.Tests.Report;

/// <summary>Reads a PNG with a palette back, checking signature, checksums and the order of chunks.</summary>
internal static class PngPixels
{
    public static (int Width, int Height, byte[] Pixels) Decode(ReadOnlySpan<byte> png)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], png[..8].ToArray());
        var (width, height, types) = (0, 0, new List<string>());
        byte[] pixels = [];
        for (var rest = png[8..]; rest.Length > 0;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            var type = Encoding.ASCII.GetString(rest.Slice(4, 4));
            var body = rest.Slice(8, length);
            Assert.Equal(BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + length)..]), Crc32(rest.Slice(4, 4 + length)));
            types.Add(type);
            if (type == "IHDR")
            {
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
                Assert.Equal([8, 3, 0, 0, 0], body[8..].ToArray());
            }
            else if (type == "PLTE")
            {
                Assert.Equal(64 * 3, length);
            }
            else if (type == "IDAT")
            {
                pixels = Inflate(body, width, height);
            }

            rest = rest[(12 + length)..];
        }

        Assert.Equal(["IHDR", "PLTE", "IDAT", "IEND"], types);
        return (width, height, pixels);
    }

    private static byte[] Inflate(ReadOnlySpan<byte> body, int width, int height)
    {
        using var zlib = new ZLibStream(new MemoryStream(body.ToArray()), CompressionMode.Decompress);
        using var raw = new MemoryStream();
        zlib.CopyTo(raw);
        Assert.Equal((width + 1) * height, raw.Length);
        var rows = raw.ToArray().Chunk(width + 1).ToList();
        Assert.All(rows, row => Assert.Equal(0, row[0]));
        return [.. rows.SelectMany(row => row[1..])];
    }

    /// <summary>Bit by bit, unlike the encoder's.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            for (var bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (((crc ^ (uint)(b >> bit)) & 1) == 1 ? 0xEDB88320 : 0);
        return ~crc;
    }
}
