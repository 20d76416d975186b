using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace HeartSound.Edge.Features;

/// <summary>Writes a NumPy <c>.npz</c> file (a ZIP of <c>.npy</c> arrays, not compressed), readable by <c>numpy.load</c>. The file appears under its name only when it is whole.</summary>
internal sealed class NpzWriter : IDisposable
{
    private readonly string _path;
    private readonly string _partial;
    private readonly ZipArchive _zip;
    private bool _complete;

    public NpzWriter(string path)
    {
        _path = path;
        _partial = path + ".part";
        _zip = new ZipArchive(File.Create(_partial), ZipArchiveMode.Create);
    }

    public void Add<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        using var entry = Open(name, Descriptor<T>(), shape);
        entry.Write(MemoryMarshal.AsBytes(values));
    }

    /// <summary>Values that are too many for memory: <paramref name="values"/> holds them as they lie in the array.</summary>
    public void Add<T>(string name, Stream values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        using var entry = Open(name, Descriptor<T>(), shape);
        values.CopyTo(entry);
    }

    /// <summary>Texts as NumPy's fixed-width Unicode array.</summary>
    public void Add(string name, IReadOnlyList<string> texts)
    {
        var runes = texts.Select(t => t.EnumerateRunes().Select(r => r.Value).ToArray()).ToList();
        var width = Math.Max(1, runes.Select(r => r.Length).DefaultIfEmpty(0).Max());
        using var entry = Open(name, string.Create(CultureInfo.InvariantCulture, $"<U{width}"), texts.Count);
        var row = new int[width];
        foreach (var text in runes)
        {
            Array.Clear(row);
            text.CopyTo(row, 0);
            entry.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    /// <summary>Gives the file its name.</summary>
    public void Complete()
    {
        _zip.Dispose();
        File.Move(_partial, _path, overwrite: true);
        _complete = true;
    }

    public void Dispose()
    {
        if (_complete) return;
        try
        {
            _zip.Dispose(); // writes the directory, which a full disk refuses
        }
        finally
        {
            File.Delete(_partial);
        }
    }

    private static string Descriptor<T>() => Type.GetTypeCode(typeof(T)) switch
    {
        TypeCode.Single => "<f4",
        TypeCode.Double => "<f8",
        TypeCode.Int32 => "<i4",
        TypeCode.Boolean => "|b1",
        var other => throw new ArgumentException($"no NumPy type for {other}"),
    };

    /// <summary>An entry with the header of NumPy's format 1.0 written; https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.</summary>
    private Stream Open(string name, string descriptor, params ReadOnlySpan<long> shape)
    {
        var sizes = new StringBuilder();
        foreach (var size in shape) sizes.Append(CultureInfo.InvariantCulture, $"{size},");
        var header = $"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({sizes}), }}";
        var length = (10 + header.Length + 1 + 63) / 64 * 64 - 10; // the values start at a multiple of 64 bytes
        var stream = _zip.CreateEntry(name + ".npy", CompressionLevel.NoCompression).Open();
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"));
        return stream;
    }
}
