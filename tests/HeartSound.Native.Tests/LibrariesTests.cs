using System.Reflection;

namespace HeartSound.Native.Tests;

public sealed class LibrariesTests
{
    [Theory]
    [InlineData(Libraries.Mosquitto)]
    [InlineData(Libraries.SndFile)]
    [InlineData(Libraries.PortAudio)]
    [InlineData(Libraries.Asound)]
    [InlineData(Libraries.Gpiod1)]
    public void Resolve_InstalledBySetup_Loads(string name) => Assert.NotEqual(0, Resolve(name));

    [Fact]
    public void Resolve_Missing_ListsWhatToDo()
    {
        var exception = Assert.Throws<NativeLibraryMissingException>(() => Resolve("libnosuchthing.so.1"));
        Assert.Equal("libnosuchthing.so.1", exception.Library);
        Assert.Contains("libnosuchthing.so.1 cannot be loaded", exception.Message, StringComparison.Ordinal);
        Assert.Contains("1. ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("2. In a checkout of the source: make setup", exception.Message, StringComparison.Ordinal);
        Assert.Contains("3. ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("The loader said: there is no such file.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_FileThatIsNoLibrary_GivesTheLoadersReason()
    {
        using var folder = new TemporaryFolder();
        var exception = Assert.Throws<NativeLibraryMissingException>(() => Resolve(folder.Write("libtext.so.1", "text"u8)));
        Assert.Contains("libtext.so.1: file too short", exception.Message, StringComparison.Ordinal);
    }

    private static nint Resolve(string name) => Libraries.Resolve(name, Assembly.GetExecutingAssembly(), null);
}
