using System.Diagnostics;
using HeartSound.Native.Cuda;

namespace HeartSound.Native.Tests.Cuda;

/// <summary>NVIDIA's libraries are played by fixtures/cuda/gpu.c; the machine's own, if it has any, are out of the way while these run.</summary>
public sealed class GpuFactsTests : IDisposable
{
    private static readonly string[] All = [Libraries.CudaDriver, .. Libraries.CudaRuntime, .. Libraries.TensorRt];
    private readonly TemporaryFolder _folder = new();

    public GpuFactsTests()
    {
        foreach (var name in All) Libraries.StandIns[name] = "/none/" + name;
    }

    public void Dispose()
    {
        foreach (var name in All) Libraries.StandIns.TryRemove(name, out _);
        _folder.Dispose();
    }

    [Fact]
    public void Read_NothingThere_IsAllUnknown() => Assert.Equal(new GpuFacts { L4t = GpuFacts.ReadL4t("/etc/nv_tegra_release") }, GpuFacts.Read());

    [Fact]
    public void Read_JetPack4_SaysAll()
    {
        Play("libcuda.so.1", "-DDRIVER=10020");
        Play("libcudart.so.10.2", "-DRUNTIME=10020");
        Play("libnvinfer.so.8", "-DTENSORRT=8201");
        Assert.Equal(new GpuFacts { TensorRt = "8.2.1", Cuda = "10.2", Driver = "10.2", ComputeCapability = "5.3", Name = "NVIDIA Tegra X1" }, GpuFacts.Read() with { L4t = null });
    }

    [Fact]
    public void Read_SeveralReleases_TakesTheNewest()
    {
        Play("libcudart.so.12", "-DRUNTIME=12060");
        Play("libcudart.so.11.0", "-DRUNTIME=11040");
        Play("libnvinfer.so.10", "-DTENSORRT=100300");
        Play("libnvinfer.so.8", "-DTENSORRT=8601");
        Assert.Equal(new GpuFacts { TensorRt = "10.3.0", Cuda = "12.6" }, GpuFacts.Read() with { L4t = null });
    }

    [Fact]
    public void Read_DriverWithoutDevice_SaysWhatItCan()
    {
        Play("libcuda.so.1", "-DDRIVER=12060", "-DBROKEN");
        Assert.Equal(new GpuFacts { Driver = "12.6" }, GpuFacts.Read() with { L4t = null });
    }

    [Fact]
    public void Read_DeviceThatIsNotThere_SaysWhatItCan()
    {
        Play("libcuda.so.1", "-DDRIVER=12060");
        Assert.Equal(new GpuFacts { Driver = "12.6" }, GpuFacts.Read(1) with { L4t = null });
    }

    [Theory]
    [InlineData("libcuda.so.1")]
    [InlineData("libcudart.so.12")]
    [InlineData("libnvinfer.so.8")]
    public void Read_LibraryThatIsNone_IsUnknown(string name)
    {
        Libraries.StandIns[name] = _folder.Write(name, "text"u8);
        Assert.Equal(new GpuFacts(), GpuFacts.Read() with { L4t = null });
        Play(name, "-DNOTHING");
        Assert.Equal(new GpuFacts(), GpuFacts.Read() with { L4t = null });
    }

    [Theory]
    [InlineData("# R32 (release), REVISION: 7.1, GCID: 29818004, BOARD: t210ref, EABI: aarch64, DATE: Sat Feb 19 17:05:08 UTC 2022\n", "32.7.1")]
    [InlineData("# R36 (release), REVISION: 4.0, GCID: 37537400, BOARD: generic, EABI: aarch64, DATE: Fri Sep 13 04:36:44 UTC 2024\n# KERNEL_VARIANT: oot\n", "36.4.0")]
    [InlineData("# R35 (release), REVISION: 4.1", "35.4.1")]
    [InlineData("", null)]
    [InlineData("Debian", null)]
    [InlineData("more\n# R35 (release), REVISION: 4.1", null)]
    public void ReadL4t_File_IsItsRelease(string text, string? expected) => Assert.Equal(expected, GpuFacts.ReadL4t(_folder.Write("release", System.Text.Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void ReadL4t_NoFile_IsUnknown()
    {
        Assert.Null(GpuFacts.ReadL4t("/no/such/file"));
        Assert.Null(GpuFacts.ReadL4t(_folder.Path));
    }

    private void Play(string name, params string[] definitions)
    {
        var library = Path.Combine(_folder.Path, "made-" + name);
        using var gcc = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", .. definitions, "-o", library, RepositoryFiles.Fixture("cuda/gpu.c")]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
        Libraries.StandIns[name] = library;
    }
}
