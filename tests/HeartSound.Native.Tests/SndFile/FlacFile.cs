using System.Diagnostics;
using System.Globalization;

namespace HeartSound.Native.Tests.SndFile;

/// <summary>A FLAC file made by Debian's flac from integers, removed on dispose.</summary>
internal sealed class FlacFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("heartsound-flac-").FullName;

    /// <summary>Encodes <paramref name="samples"/>, interleaved and within the range of <paramref name="bits"/>.</summary>
    public FlacFile(int[] samples, int channels, int bits, int sampleRateHz)
    {
        Path = System.IO.Path.Combine(_folder, "größe.flac");
        var raw = System.IO.Path.Combine(_folder, "samples.raw");
        var bytes = bits / 8;
        File.WriteAllBytes(raw, [.. samples.SelectMany(sample => BitConverter.GetBytes(sample).Take(bytes))]);
        string[] arguments =
        [
            "--silent", "--force-raw-format", "--endian=little", "--sign=signed",
            $"--channels={channels}", $"--bps={bits}", string.Create(CultureInfo.InvariantCulture, $"--sample-rate={sampleRateHz}"),
            "-o", Path, raw,
        ];
        using var flac = Process.Start("flac", arguments)!;
        flac.WaitForExit();
        Assert.Equal(0, flac.ExitCode);
    }

    public string Path { get; }

    /// <summary>Keeps only the first <paramref name="bytes"/>.</summary>
    public void Truncate(long bytes)
    {
        using var file = File.OpenWrite(Path);
        file.SetLength(bytes);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
