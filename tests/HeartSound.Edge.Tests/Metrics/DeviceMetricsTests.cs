using System.Diagnostics;
using HeartSound.Edge.Capture;
using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Metrics;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Outputs.Delivery;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Tests.Outputs;
using HeartSound.Edge.Tests.Pipeline;
using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Edge.Tests.Metrics;

public sealed class DeviceMetricsTests : IDisposable
{
    private const int Rate = 4000;

    private readonly Told _told = new();

    public void Dispose() => _told.Dispose();

    [Fact]
    public void Pipeline_HeartThenNothing_EveryWindowAndStageIsToldAsItWas()
    {
        var heard = new List<QualityReason>();
        var hints = 0;
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Manifests.Logits(0.05)), Rate)
        {
            Observer = _told.Device,
            WindowHeard = (in _, in window) => heard.Add(window.Quality.Reason),
            HintHeard = (in _) => hints++,
        };
        _told.Device.Begin();
        pipeline.Listen(Heart(20));
        pipeline.Listen(new float[20 * Rate]);
        pipeline.Complete();

        var samples = _told.Samples();
        Assert.Contains(QualityReason.Good, heard);
        Assert.Contains(QualityReason.Dead, heard);
        foreach (var reason in Enum.GetValues<QualityReason>())
        {
            var accepted = reason == QualityReason.Good ? "true" : "false";
            Assert.Equal(heard.Count(r => r == reason), samples[$"heartsound_window_count_total{{accepted=\"{accepted}\",reason=\"{MetricWords.Of(reason)}\"}}"]);
        }

        foreach (var stage in new[] { "front_end", "quality", "heart_rate", "network", "evidence" }) Assert.Equal(heard.Count, samples[$"heartsound_stage_duration_seconds_count{{stage=\"{stage}\"}}"]);
        Assert.Equal(hints, samples["heartsound_stage_duration_seconds_count{stage=\"hint\"}"]);
        Assert.Equal(1, samples["heartsound_stage_duration_seconds_count{stage=\"verdict\"}"]);
    }

    [Fact]
    public void Pipeline_StagesTogether_AreNoMoreThanTheTimeThatPassed()
    {
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new SlowClassifier(), Rate) { Observer = _told.Device, HintHeard = (in _) => { } };
        var sound = Heart(20);
        var clock = Stopwatch.StartNew();
        pipeline.Listen(sound);
        pipeline.Complete();
        var passed = clock.Elapsed.TotalSeconds;

        var samples = _told.Samples();
        var stages = samples.Where(s => s.Key.StartsWith("heartsound_stage_duration_seconds_sum", StringComparison.Ordinal)).ToList();
        Assert.InRange(stages.Sum(s => s.Value), 0, passed);
        Assert.True(samples["heartsound_stage_duration_seconds_sum{stage=\"network\"}"] >= 0.02 * samples["heartsound_stage_duration_seconds_count{stage=\"network\"}"]);
        Assert.True(samples["heartsound_stage_duration_seconds_sum{stage=\"front_end\"}"] < passed / 2, "the network's time is not the front end's");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pipeline_ThousandWindowsMeasured_AllocateNothing(bool alsoOpenTelemetry)
    {
        var options = new MetricsOptions { OtlpEndpoint = "http://127.0.0.1:9", OtlpSeconds = 3600 };
        using var otlp = alsoOpenTelemetry ? new OtlpExport(options, "test", _told.Health, Microsoft.Extensions.Logging.Abstractions.NullLogger<OtlpExport>.Instance) : null;
        var windows = 0;
        var pipeline = new ListeningPipeline(Manifests.TwoLabels, new ScriptedClassifier(Manifests.Logits(0.05)) { Remember = false }, Rate)
        {
            Observer = _told.Device,
            HintHeard = (in _) => { },
            WindowHeard = (in _, in _) => windows++,
        };
        var sound = Heart(30);
        _told.Device.Begin();

        Assert.Equal(0, Allocation.Of(() =>
        {
            var until = windows + 1000;
            for (var i = 0; windows < until; i = (i + 1000) % sound.Length)
            {
                pipeline.Listen(sound.AsSpan(i, 1000));
                _told.Device.Lost(1, Rate);
            }
        }));
    }

    [Fact]
    public void Concluded_EveryKind_IsCountedByKindAndReason()
    {
        _told.Device.Begin();
        foreach (var (alarm, reason, sequence) in new (bool?, InconclusiveReason?, long)[] { (false, null, 1), (true, null, 2), (true, null, 3), (null, InconclusiveReason.Uncertain, 4) })
            _told.Device.Concluded(Messages.Verdict(sequence) with { Alarm = alarm, Reason = reason, LatencyMs = 12 }, Stopwatch.GetTimestamp());

        var samples = _told.Samples();
        Assert.Equal(1, samples["heartsound_verdict_count_total{kind=\"normal\",reason=\"none\"}"]);
        Assert.Equal(2, samples["heartsound_verdict_count_total{kind=\"alarm\",reason=\"none\"}"]);
        Assert.Equal(1, samples["heartsound_verdict_count_total{kind=\"inconclusive\",reason=\"uncertain\"}"]);
        Assert.Equal(0, samples["heartsound_verdict_count_total{kind=\"inconclusive\",reason=\"noise\"}"]);
        Assert.Equal(0, samples["heartsound_verdict_latency_seconds_bucket{le=\"0.01\"}"]);
        Assert.Equal(4, samples["heartsound_verdict_latency_seconds_bucket{le=\"0.025\"}"]);
        Assert.Equal(0.048, samples["heartsound_verdict_latency_seconds_sum"], 1e-9);
    }

    [Fact]
    public void Acknowledged_TwiceOrOfAnotherRun_CountsOnce()
    {
        var verdict = Messages.Verdict(7);
        _told.Device.Concluded(verdict, Stopwatch.GetTimestamp() - 3 * Stopwatch.Frequency);
        foreach (var id in new[] { Guid.NewGuid(), verdict.Id, verdict.Id }) _told.Device.Acknowledged(id);

        var samples = _told.Samples();
        Assert.Equal(1, samples["heartsound_verdict_delivery_latency_seconds_count"]);
        Assert.Equal(0, samples["heartsound_verdict_delivery_latency_seconds_bucket{le=\"2.5\"}"]);
    }

    [Fact]
    public void Gauges_ChangingDevice_SayWhatIsNowAndForgetWhatIsGone()
    {
        _told.Heat = new HeatReading { Zones = [new("cpu \"big\"", 41.5), new("gpu", 40), new("gpu", 44)] };
        _told.Outbox = new OutboxPart { Waiting = 3, Bytes = 4000, OldestSeconds = 12.5, Dropped = 2, Series = Guid.Empty, LastSequence = 9 };
        _told.Model = new ModelPart("m", "1", "");
        _told.ClockSynced = false;
        _told.Progress.AddCaptured(480);
        _told.Health.Report(DevicePart.Capture, PartLevel.Failed, CaptureState.Unplugged, "x");
        foreach (var (counter, by) in new[] { ("lostSamples", 5L), ("overruns", 2), ("reconnects", 1), ("buttonFailures", 4) }) _told.Health.Count(counter, by);

        var samples = _told.Samples();
        Assert.Equal(41.5, samples["heartsound_temperature_celsius{zone=\"cpu \\\"big\\\"\"}"]);
        Assert.Equal(44, samples["heartsound_temperature_celsius{zone=\"gpu\"}"]);
        Assert.Equal(3, samples["heartsound_queue_depth{queue=\"outbox\"}"]);
        Assert.Equal(4000, samples["heartsound_outbox_size_bytes"]);
        Assert.Equal(12.5, samples["heartsound_outbox_age_seconds"]);
        Assert.Equal(2, samples["heartsound_verdict_dropped_total{at=\"outbox\"}"]);
        Assert.Equal(1, samples["heartsound_model_info{model=\"m\",version=\"1\",provider=\"Cpu\"}"]);
        Assert.Equal(0, samples["heartsound_clock_synchronized"]);
        Assert.Equal(480, samples["heartsound_capture_samples_total"]);
        Assert.Equal(5, samples["heartsound_capture_lost_total"]);
        Assert.Equal(2, samples["heartsound_capture_overruns_total"]);
        Assert.Equal(1, samples["heartsound_reconnect_count_total{to=\"stethoscope\"}"]);
        Assert.Equal(4, samples["heartsound_event_count_total{event=\"buttonFailures\"}"]);
        Assert.DoesNotContain(samples.Keys, k => k.Contains("event=\"overruns\"", StringComparison.Ordinal));
        Assert.Equal(2, samples["heartsound_health_level{part=\"capture\"}"]);
        Assert.Equal(1, _told.Asked);

        _told.Heat = null;
        _told.Outbox = null;
        samples = _told.Samples();
        Assert.DoesNotContain(samples.Keys, k => k.StartsWith("heartsound_temperature", StringComparison.Ordinal));
        Assert.DoesNotContain("heartsound_queue_depth{queue=\"outbox\"}", samples.Keys);
    }

    [Fact]
    public void Reconnects_BrokerComesAndGoes_AreCountedFromTheSecondTimeOn()
    {
        void Is(BrokerState state) => _told.Health.Report(DevicePart.Broker, state == BrokerState.Connected ? PartLevel.Ok : PartLevel.Degraded, state);
        double Told() => _told.Samples()["heartsound_reconnect_count_total{to=\"broker\"}"];
        Is(BrokerState.Away);
        Is(BrokerState.Connected);
        Assert.Equal(0, Told());
        for (var i = 1; i <= 3; i++)
        {
            Is(BrokerState.Away);
            Is(BrokerState.Connected);
            Assert.Equal(i, Told());
        }
    }

    private static float[] Heart(int seconds)
    {
        var samples = new float[seconds * Rate];
        new Simulator(new SimulatorOptions { SampleRateHz = Rate }).Read(samples);
        return samples;
    }

    private sealed class SlowClassifier : Edge.Inference.IClassifier
    {
        public OnnxProvider Provider => OnnxProvider.Cpu;

        public void Classify(ReadOnlySpan<float> features, Span<float> logits)
        {
            Thread.Sleep(25);
            logits.Clear();
        }

        public void Dispose()
        {
        }
    }
}
