using System.Diagnostics;
using HeartSound.Edge.Hosting.Systemd;
using HeartSound.Edge.Tests.Recordings;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Hosting.Systemd;

public sealed class NotifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Notifier_FileOrAbstractSocket_IsToldEverything(bool isAbstract)
    {
        using var socket = new NotifySocket(isAbstract ? $"@heartsound-test-{Guid.NewGuid():N}" : Path.Combine(_folder.Path, "notify"));
        using var notifier = new Notifier(socket.Address, NullLogger<Notifier>.Instance);
        var before = (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;
        notifier.Ready("waits for contact");
        notifier.Status("listens\nto a heart");
        notifier.Status("listens\nto a heart");
        notifier.Reloading("reads settings");
        notifier.Watchdog();
        notifier.Stopping("stops");
        var messages = socket.Read();
        Assert.True(notifier.IsSupervised);
        Assert.Equal("READY=1\nSTATUS=waits for contact", messages[0]);
        Assert.Equal("STATUS=listens to a heart", messages[1]);
        var reloading = messages[2].Split('\n');
        Assert.Equal(["RELOADING=1", "STATUS=reads settings"], [reloading[0], reloading[2]]);
        Assert.InRange(long.Parse(reloading[1]["MONOTONIC_USEC=".Length..]), before, (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds);
        Assert.Equal(["WATCHDOG=1", "STOPPING=1\nSTATUS=stops"], messages[3..]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vsock:2:1234")]
    [InlineData("/nonexistent/notify")]
    public void Notifier_NobodySupervises_IsSilent(string? address)
    {
        using var notifier = new Notifier(address, NullLogger<Notifier>.Instance);
        notifier.Ready("r");
        notifier.Watchdog();
        Assert.False(notifier.IsSupervised);
    }

    [Fact]
    public void Notifier_AddressTooLong_IsSilent()
    {
        using var notifier = new Notifier("/" + new string('x', 300), NullLogger<Notifier>.Instance);
        notifier.Ready("r");
        Assert.False(notifier.IsSupervised);
    }

    [Fact]
    public void Notifier_SupervisorGoes_DoesNotThrow()
    {
        var socket = new NotifySocket(Path.Combine(_folder.Path, "notify"));
        using var notifier = new Notifier(socket.Address, NullLogger<Notifier>.Instance);
        socket.Dispose();
        notifier.Ready("r");
        notifier.Dispose();
        notifier.Stopping("s");
    }

    [Fact]
    public void Status_VeryLong_FitsIntoADatagramOfSystemd()
    {
        using var socket = new NotifySocket(Path.Combine(_folder.Path, "notify"));
        using var notifier = new Notifier(socket.Address, NullLogger<Notifier>.Instance);
        notifier.Status(new string('ä', 10_000));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(Assert.Single(socket.Read())), 1, 4096);
    }
}
