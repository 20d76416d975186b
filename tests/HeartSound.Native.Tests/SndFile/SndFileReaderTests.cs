using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HeartSound.Native.SndFile;

namespace HeartSound.Native.Tests.SndFile;

public sealed class SndFileReaderTests
{
    [Theory]
    [InlineData(1, 16, 2000, 4097)]
    [InlineData(2, 16, 44100, 1000)]
    [InlineData(1, 24, 4000, 5000)]
    [InlineData(2, 24, 192000, 333)]
    [InlineData(1, 8, 8000, 1)]
    public void Read_WholeFile_GivesTheIntegersExactly(int channels, int bits, int sampleRateHz, int frames)
    {
        var samples = Noise(frames * channels, bits);
        using var flac = new FlacFile(samples, channels, bits, sampleRateHz);
        using var reader = new SndFileReader(flac.Path);
        Assert.Equal(sampleRateHz, reader.SampleRateHz);
        Assert.Equal(channels, reader.Channels);
        Assert.Equal(frames, reader.Frames);

        var scale = 1 << (bits - 1);
        Assert.Equal(samples.Select(sample => sample / (float)scale), ReadAll(reader, 257));
        Assert.Equal(0, reader.Read(new float[channels]));
    }

    [Fact]
    public void Read_AnyChunking_GivesTheSame()
    {
        using var flac = new FlacFile(Noise(6000, 16), 2, 16, 2000);
        using var whole = new SndFileReader(flac.Path);
        var expected = ReadAll(whole, 3000);
        foreach (var frames in new[] { 1, 7, 2999 })
        {
            using var reader = new SndFileReader(flac.Path);
            Assert.Equal(expected, ReadAll(reader, frames));
        }
    }

    [Fact]
    public void Read_Truncated_DeliversTheBeginningThenNamesTheFileAndPlace()
    {
        var samples = Noise(50_000, 16);
        using var flac = new FlacFile(samples, 1, 16, 2000);
        flac.Truncate(new FileInfo(flac.Path).Length / 2);
        using var reader = new SndFileReader(flac.Path);
        Assert.Equal(50_000, reader.Frames);
        var read = new List<float>();
        var buffer = new float[1000];
        var exception = Assert.Throws<SndFileException>(() =>
        {
            for (int frames; (frames = reader.Read(buffer)) > 0;)
                read.AddRange(buffer.AsSpan(0, frames));
        });
        Assert.InRange(read.Count, 1000, 49_000);
        Assert.Equal(samples.Take(read.Count).Select(sample => sample / 32768f), read);
        Assert.Contains(flac.Path, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"after {read.Count} of 50000 samples", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_HeaderCutAtEveryLength_IsRefusedOrEndsEarly()
    {
        using var flac = new FlacFile(Noise(3000, 16), 1, 16, 2000);
        for (var bytes = 120; bytes >= 0; bytes--)
        {
            flac.Truncate(bytes);
            var exception = Assert.Throws<SndFileException>(() =>
            {
                using var reader = new SndFileReader(flac.Path);
                ReadAll(reader, 100);
            });
            Assert.Contains(flac.Path, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_NotSound_IsRefusedByName()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("heartsound-flac-").FullName, "text.flac");
        File.WriteAllText(path, "This is not a FLAC file.");
        var exception = Assert.Throws<SndFileException>(() => new SndFileReader(path));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Open_Missing_ThrowsFileNotFound() =>
        Assert.Throws<FileNotFoundException>(() => new SndFileReader(Path.Combine(RepositoryFiles.Root, "no-such.flac")));

    [Fact]
    public void Open_Folder_ThrowsUnauthorized() =>
        Assert.Throws<UnauthorizedAccessException>(() => new SndFileReader(RepositoryFiles.Root));

    [Fact]
    public void Read_LengthNotAMultipleOfTheChannels_Throws()
    {
        using var flac = new FlacFile(Noise(100, 16), 2, 16, 2000);
        using var reader = new SndFileReader(flac.Path);
        Assert.Throws<ArgumentException>(() => reader.Read(new float[3]));
    }

    [Fact]
    public void Read_AfterDispose_Throws()
    {
        using var flac = new FlacFile(Noise(100, 16), 1, 16, 2000);
        var reader = new SndFileReader(flac.Path);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Read(new float[3]));
    }

    [Fact]
    public void Info_Layout_IsThatOfTheHeader()
    {
        // SF_INFO { sf_count_t frames; int samplerate, channels, format, sections, seekable; } on a 64-bit system.
        Assert.Equal(32, Unsafe.SizeOf<SndFileNative.Info>());
        Assert.Equal(0, Offset(nameof(SndFileNative.Info.Frames)));
        Assert.Equal(8, Offset(nameof(SndFileNative.Info.SampleRate)));
        Assert.Equal(12, Offset(nameof(SndFileNative.Info.Channels)));
        Assert.Equal(16, Offset(nameof(SndFileNative.Info.Format)));
        Assert.Equal(20, Offset(nameof(SndFileNative.Info.Sections)));
        Assert.Equal(24, Offset(nameof(SndFileNative.Info.Seekable)));
    }

    private static int Offset(string field) => (int)Marshal.OffsetOf<SndFileNative.Info>(field);

    private static List<float> ReadAll(SndFileReader reader, int frames)
    {
        var all = new List<float>();
        var buffer = new float[frames * reader.Channels];
        for (int read; (read = reader.Read(buffer)) > 0;)
            all.AddRange(buffer.AsSpan(0, read * reader.Channels));
        return all;
    }

    /// <summary>White noise over the whole range of <paramref name="bits"/>, both ends included, which does not compress.</summary>
    private static int[] Noise(int count, int bits)
    {
        var random = new Random(count + bits);
        var limit = 1 << (bits - 1);
        var samples = new int[count];
        for (var i = 0; i < count; i++)
            samples[i] = i switch { 0 => -limit, 1 => limit - 1, _ => random.Next(-limit, limit) };
        return samples;
    }
}
