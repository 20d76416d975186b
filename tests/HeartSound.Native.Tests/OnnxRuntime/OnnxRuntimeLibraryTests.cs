using System.Runtime.InteropServices;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Native.Tests.OnnxRuntime;

public sealed class OnnxRuntimeLibraryTests
{
    [Theory]
    [InlineData("1.11.0", 11)]
    [InlineData("1.17.3", 17)]
    [InlineData("1.29.0", 29)]
    public void Load_TestedVersion_TellsWhatItIs(string version, int apiVersion)
    {
        var library = OnnxRuntimeLibrary.Load(RepositoryFiles.OnnxRuntime(version));
        Assert.Equal(version, library.Version);
        Assert.Equal(apiVersion, library.ApiVersion);
        Assert.Equal(Path.Combine(RepositoryFiles.OnnxRuntime(version), "libonnxruntime.so.1"), library.Path);
        Assert.Contains("CPUExecutionProvider", library.Providers);
        Assert.Same(library, OnnxRuntimeLibrary.Load(library.Path));
    }

    [Fact]
    public void Load_NoPath_FindsOne() => Assert.True(OnnxRuntimeLibrary.Load().ApiVersion >= OnnxRuntimeLibrary.OldestApiVersion);

    [Fact]
    public void Load_Missing_NamesTheFile() => AssertRefused("/no/such/libonnxruntime.so.1", "there is no such file");

    [Fact]
    public void Load_OtherProcessor_SaysSo()
    {
        var foreign = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "x64" : "arm64";
        AssertRefused(Path.Combine(RepositoryFiles.ForeignOnnxRuntime("1.11.0"), "libonnxruntime.so.1"), $"is built for {foreign}");
    }

    [Fact]
    public void Load_OtherLibrary_SaysSo() =>
        AssertRefused(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"), "not ONNX Runtime (it has no OrtGetApiBase)");

    [Theory]
    [InlineData(0, "is empty")]
    [InlineData(63, "is not a shared library (only 63 bytes)")]
    [InlineData(64, "is truncated")]
    [InlineData(4096, "is truncated")]
    [InlineData(1 << 20, "is truncated")]
    [InlineData(10 << 20, "is truncated")]
    public void Load_Truncated_SaysSo(int bytes, string expected)
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Path.Combine(RepositoryFiles.OnnxRuntime("1.11.0"), "libonnxruntime.so.1"));
        AssertRefused(folder.Write("libonnxruntime.so.1", whole.AsSpan(0, bytes)), expected);
    }

    [Fact]
    public void Load_Text_SaysSo()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(
            folder.Write("libonnxruntime.so.1", "version https://git-lfs.github.com/spec/v1 and so on, which is what a checkout without LFS has"u8),
            "is not a shared library (it does not begin like an ELF file)");
    }

    [Fact]
    public void Load_Unreadable_SaysSo()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "libonnxruntime.so.1"));
        AssertRefused(Path.Combine(folder.Path, "libonnxruntime.so.1"), "there is no such file");
    }

    [Theory]
    [InlineData("1.11.0", 11)]
    [InlineData("1.29.0", 29)]
    [InlineData("1.250.1", OnnxRuntimeLibrary.NewestApiVersion)]
    public void ChooseApiVersion_KnownRelease_IsTheNewestOfBoth(string version, int expected) =>
        Assert.Equal(expected, OnnxRuntimeLibrary.ChooseApiVersion("x.so", version));

    [Theory]
    [InlineData("1.10.0", "too old")]
    [InlineData("0.5.1", "needs a release 1.11 or later of 1.x")]
    [InlineData("2.0.0", "needs a release 1.11 or later of 1.x")]
    [InlineData("", "needs a release 1.11 or later of 1.x")]
    public void ChooseApiVersion_OtherRelease_IsRefused(string version, string expected)
    {
        var exception = Assert.Throws<OnnxRuntimeException>(() => OnnxRuntimeLibrary.ChooseApiVersion("x.so", version));
        Assert.StartsWith("x.so is ONNX Runtime", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string path, string expected)
    {
        var exception = Assert.Throws<OnnxRuntimeException>(() => OnnxRuntimeLibrary.Load(path));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains("scripts/get-native.sh", exception.Message, StringComparison.Ordinal);
    }
}
