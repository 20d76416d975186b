using HeartSound.Native.LibC;

namespace HeartSound.Native.Tests.LibC;

public sealed class DiskSyncTests
{
    [Fact]
    public void Flush_FileAndFolder_Returns()
    {
        using var folder = new TemporaryFolder();
        DiskSync.Flush(folder.Write("file", [1, 2, 3]));
        DiskSync.Flush(folder.Path);
    }

    [Fact]
    public void Flush_NothingThere_SaysSo()
    {
        var exception = Assert.Throws<IOException>(() => DiskSync.Flush("/no/such/file"));
        Assert.Equal("/no/such/file cannot be opened: No such file or directory.", exception.Message);
    }

    [Fact]
    public void Flush_WhatCannotBeSynchronised_SaysSo()
    {
        var exception = Assert.Throws<IOException>(() => DiskSync.Flush("/proc/self/status"));
        Assert.Equal("/proc/self/status cannot be brought onto the disk: Invalid argument.", exception.Message);
    }
}
