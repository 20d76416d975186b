using HeartSound.Native.LibC;

namespace HeartSound.Native.Tests.LibC;

public sealed class FileBytesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_001)]
    public void Read_AnyLength_HasTheFilesBytes(int length)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "file");
        var expected = new byte[length];
        new Random(1).NextBytes(expected);
        File.WriteAllBytes(path, expected);

        using var bytes = FileBytes.Read(path);

        Assert.Equal(length, bytes.Length);
        Assert.True(bytes.Span.SequenceEqual(expected));
    }

    [Fact]
    public void Read_NothingThereOrAFolder_Throws()
    {
        using var folder = new TemporaryFolder();

        Assert.ThrowsAny<IOException>(() => FileBytes.Read(Path.Combine(folder.Path, "nothing")));
        Assert.Throws<UnauthorizedAccessException>(() => FileBytes.Read(folder.Path));
    }

    [Fact]
    public void Span_Disposed_Throws()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "file");
        File.WriteAllBytes(path, [1, 2, 3]);
        var bytes = FileBytes.Read(path);

        bytes.Dispose();
        bytes.Dispose();

        Assert.Throws<ObjectDisposedException>(() => bytes.Span.Length);
        Assert.Equal(0, bytes.Length);
    }
}
