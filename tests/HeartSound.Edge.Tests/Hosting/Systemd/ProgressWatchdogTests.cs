using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting.Systemd;
using HeartSound.Edge.Tests.Recordings;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Hosting.Systemd;

public sealed class ProgressWatchdogTests : IDisposable
{
    private const int Rate = 4000;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly DeviceProgress _progress;
    private readonly NotifySocket _socket;
    private readonly Notifier _notifier;
    private readonly ProgressWatchdog _watchdog;
    private readonly List<string> _stalled = [];
    private int _pings;

    public ProgressWatchdogTests()
    {
        _progress = new DeviceProgress(_time);
        _socket = new NotifySocket(Path.Combine(_folder.Path, "notify"));
        _notifier = new Notifier(_socket.Address, NullLogger<Notifier>.Instance);
        _watchdog = new ProgressWatchdog(_progress, TimeSpan.FromSeconds(20), _notifier, _time, NullLogger<ProgressWatchdog>.Instance);
        _watchdog.Stalled += _stalled.Add;
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _notifier.Dispose();
        _socket.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Ping_EverythingMoves_ComesFourTimesAnInterval()
    {
        Run(seconds: 60, Listens);
        Assert.Equal(12, Pings());
        Assert.Empty(_stalled);
    }

    [Fact]
    public void Ping_NothingEverMoved_DoesNotCome()
    {
        Run(seconds: 60);
        Assert.Equal(0, Pings());
        Assert.Contains("capture thread", Assert.Single(_stalled), StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_CaptureHangs_EndsAtOnce()
    {
        Run(seconds: 20, Listens);
        Pings();
        Run(seconds: 14);
        Assert.Equal(0, Pings());
        Assert.Empty(_stalled);
        Run(seconds: 1);
        Assert.Contains("capture thread", Assert.Single(_stalled), StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_PipelineHangs_EndsAtOnce()
    {
        Run(seconds: 20, Listens);
        Pings();
        Run(seconds: 60, () => _progress.AddCaptured(Rate));
        Assert.Equal(0, Pings());
        Assert.Contains("pipeline", Assert.Single(_stalled), StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_PipelineHungAndThenUnplugged_StillDoesNotCome()
    {
        Run(seconds: 20, Listens);
        Run(seconds: 7, () => _progress.AddCaptured(Rate));
        Pings();
        Run(seconds: 60, _progress.AddSearch);
        Assert.Equal(0, Pings());
    }

    [Fact]
    public void Ping_NoWindowComes_Ends()
    {
        _progress.ExpectWindowWithin(12 * Rate);
        Run(seconds: 60, Hears);
        Assert.Equal(2, Pings()); // after 5 and 10 s
        Assert.Contains("windows", Assert.Single(_stalled), StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_WindowsComeOrGapsForbidThem_GoesOn()
    {
        _progress.ExpectWindowWithin(12 * Rate);
        for (var i = 0; i < 6; i++)
        {
            Run(seconds: 10, Hears);
            if (i % 2 == 0) _progress.AddWindow();
            else _progress.AddGap();
        }

        Assert.Equal(12, Pings());
    }

    [Fact]
    public void Ping_VerdictIsOverdue_EndsUntilItComes()
    {
        _progress.ExpectVerdictWithin(TimeSpan.FromSeconds(31));
        Run(seconds: 31, Listens);
        Assert.Equal(6, Pings());
        Run(seconds: 10, Listens);
        Assert.Equal(0, Pings());
        _progress.ExpectNoVerdict();
        Run(seconds: 10, Listens);
        Assert.Equal(2, Pings());
    }

    [Fact]
    public void Ping_SinksHang_EndsWhileAVerdictWaits()
    {
        _progress.AddQueued();
        _progress.AddDelivered();
        Run(seconds: 20, Listens);
        Assert.Equal(4, Pings());
        _progress.AddQueued();
        Run(seconds: 60, Listens);
        Assert.Equal(0, Pings());
        Assert.Contains("sink", Assert.Single(_stalled), StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_SinksAreSlow_GoesOn()
    {
        for (var i = 0; i < 100; i++) _progress.AddQueued();
        Run(seconds: 60, () =>
        {
            Listens();
            _progress.AddDelivered();
        });
        Assert.Equal(12, Pings());
    }

    [Fact]
    public void Ping_NoStethoscopeOrPausedForHeat_SearchingIsProgress()
    {
        Run(seconds: 20, Listens);
        Run(seconds: 300, _progress.AddSearch);
        Assert.Equal(64, Pings());
        Assert.Empty(_stalled);
    }

    [Fact]
    public void Ping_OneSlowMoment_IsForgiven()
    {
        Run(seconds: 20, Listens);
        Run(seconds: 12);
        Pings();
        Run(seconds: 8, Listens);
        Assert.Equal(2, Pings());
        Assert.Empty(_stalled);
    }

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "", 30.0)]
    [InlineData("30000000", "1", null)]
    [InlineData("0", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void IntervalOf_WhatSystemdSays_IsTakenIfItIsMeantForThisProcess(string? microseconds, string? process, double? seconds) =>
        Assert.Equal(seconds, ProgressWatchdog.IntervalOf(microseconds, process)?.TotalSeconds);

    [Fact]
    public void IntervalOf_ThisProcess_IsTaken() => Assert.NotNull(ProgressWatchdog.IntervalOf("5", $"{Environment.ProcessId}"));

    /// <summary>A second that does something, so many times.</summary>
    private void Run(int seconds, Action? second = null)
    {
        for (var i = 0; i < seconds; i++)
        {
            second?.Invoke();
            _time.Advance(TimeSpan.FromSeconds(1));
            _pings += _socket.Read().Count(m => m == "WATCHDOG=1"); // at once: the kernel holds ten messages only
        }
    }

    private void Hears()
    {
        _progress.AddCaptured(Rate);
        _progress.AddHeard(Rate);
    }

    private void Listens()
    {
        Hears();
        _progress.AddWindow();
    }

    /// <summary>Since the last time.</summary>
    private int Pings() => Interlocked.Exchange(ref _pings, 0);
}
