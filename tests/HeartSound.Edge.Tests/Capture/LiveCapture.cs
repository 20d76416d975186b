using System.Diagnostics;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;
using HeartSound.Signal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Capture;

/// <summary>A stethoscope on the stand-in, plugged in as card 7, that a thread captures from; all gone on dispose.</summary>
internal sealed class LiveCapture : IDisposable
{
    /// <summary>After so long a test counts as failed; far from what anything takes.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly Stethoscope _stethoscope;
    private readonly Stopwatch _clock = new();
    private Thread? _thread;

    public LiveCapture(CaptureOptions? options = null, TimeProvider? time = null)
    {
        StandIn.Play("sound");
        Machine.Plug(7, "Stethoscope", "1-2.1", "1209:5a7e", "STETH-0001");
        Health = new DeviceHealth(TimeProvider.System, NullLogger<DeviceHealth>.Instance);
        _stethoscope = new Stethoscope(
            options ?? new CaptureOptions { UsbId = "1209:5a7e", Channel = 2 }, Health, Progress, NullLoggerFactory.Instance, time ?? TimeProvider.System, Machine.Cards,
            new CallWatch(NullLogger<CallWatch>.Instance, () => Hung = true));
    }

    public FabricatedCards Machine { get; } = new();

    public DeviceHealth Health { get; }

    public DeviceProgress Progress { get; } = new();

    public SampleRing Ring { get; } = new(1 << 20);

    public ISampleSource? Source { get; private set; }

    public bool Hung { get; private set; }

    public bool HasEnded => _thread is { IsAlive: false };

    public CancellationToken Stop => _stop.Token;

    public string State => Health.Parts[DevicePart.Capture].Cause;

    public string? Message => Health.Parts[DevicePart.Capture].Message;

    public long Count(string counter) => Health.Counters.GetValueOrDefault(counter);

    public ISampleSource? Open() => Source = _stethoscope.Open(_stop.Token);

    /// <summary>Opens it and captures until it listens.</summary>
    public LiveCapture Start()
    {
        Assert.NotNull(Open());
        _thread = new Thread(() => Source!.Capture(Ring, _stop.Token)) { IsBackground = true };
        _thread.Start();
        _clock.Start();
        try
        {
            Until(() => State == "listening");
            return this;
        }
        catch
        {
            Dispose(); // or it would take part in the next test
            throw;
        }
    }

    public void Restart() => _stethoscope.Restart();

    public void Cancel() => _stop.Cancel();

    public void Until(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); Thread.Sleep(5))
            Assert.True(clock.Elapsed < Deadline, $"{State}: {Message}");
    }

    /// <summary>Empties the ring, and says how long the stream was, gaps included, and how long it should have been.</summary>
    public (double Stream, double Clock, List<float> Samples) Read()
    {
        var samples = new List<float>();
        var block = new float[1000];
        for (int count; (count = Ring.Read(block, out _)) > 0;) samples.AddRange(block.AsSpan(0, count));
        return ((double)Ring.ReadPosition / Source!.SampleRateHz, _clock.Elapsed.TotalSeconds, samples);
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_thread is not null) Assert.True(_thread.Join(Deadline));
        Source?.Dispose();
        _stethoscope.Dispose();
        Ring.Dispose();
        _stop.Dispose();
        Machine.Dispose();
    }
}
