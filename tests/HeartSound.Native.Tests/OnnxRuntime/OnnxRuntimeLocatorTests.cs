using System.Runtime.InteropServices;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Native.Tests.OnnxRuntime;

public sealed class OnnxRuntimeLocatorTests : IDisposable
{
    private const string Soname = "libonnxruntime.so.1";

    private static readonly string Platform = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";

    private readonly TemporaryFolder _folder = new();

    private string ProgramDirectory => Directory.CreateDirectory(Path.Combine(_folder.Path, "src", "program", "bin")).FullName;

    [Fact]
    public void Locate_NothingAnywhere_LeavesItToTheLoader() => Assert.Equal(Soname, OnnxRuntimeLocator.Locate(null, null, ProgramDirectory));

    [Fact]
    public void Locate_SeveralPlaces_TakesTheNearest()
    {
        // From the last place to the first: each one added wins over those before.
        var expected = _folder.Write(Path.Combine(".native", "onnxruntime", "default", Platform, Soname), []);
        Assert.Equal(expected, OnnxRuntimeLocator.Locate(null, null, ProgramDirectory));
        expected = _folder.Write(Path.Combine("src", ".native", "onnxruntime", "default", Platform, Soname), []);
        Assert.Equal(expected, OnnxRuntimeLocator.Locate(null, null, ProgramDirectory));
        expected = _folder.Write(Path.Combine("src", "program", "bin", "runtimes", Platform, "native", Soname), []);
        Assert.Equal(expected, OnnxRuntimeLocator.Locate(null, null, ProgramDirectory));
        expected = _folder.Write(Path.Combine("src", "program", "bin", Soname), []);
        Assert.Equal(expected, OnnxRuntimeLocator.Locate(null, null, ProgramDirectory));
        expected = _folder.Write("variable.so", []);
        Assert.Equal(expected, OnnxRuntimeLocator.Locate(null, expected, ProgramDirectory));
        var named = _folder.Write("explicit.so", []);
        Assert.Equal(named, OnnxRuntimeLocator.Locate(named, expected, ProgramDirectory));
    }

    [Fact]
    public void Locate_Folder_MeansTheLibraryInIt()
    {
        var expected = _folder.Write(Path.Combine("x", Soname), []);
        Assert.Equal(expected, OnnxRuntimeLocator.Locate(Path.Combine(_folder.Path, "x"), null, ProgramDirectory));
    }

    [Fact]
    public void Locate_VariableNamesNothing_IsAnErrorAndNotPassedOver()
    {
        _folder.Write(Path.Combine("src", "program", "bin", Soname), []);
        var exception = Assert.Throws<OnnxRuntimeException>(() => OnnxRuntimeLocator.Locate(null, "/no/such.so", ProgramDirectory));
        Assert.Contains("/no/such.so is what HEARTSOUND_ONNXRUNTIME names, but there is no such file", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
