using HeartSound.Edge.Recordings;
using HeartSound.Signal;

namespace HeartSound.Edge.Features;

/// <summary>What the front end makes of one recording: what a network is trained on is what the device will show it.</summary>
internal sealed record RecordingFeatures
{
    public required string File { get; init; }

    /// <summary>Why the recording failed; null when it did not.</summary>
    public string? Error { get; init; }

    public IReadOnlyList<WindowFeatures> Windows { get; init; } = [];

    /// <summary>Over the accepted windows of the recording; NaN when no regular beat was found.</summary>
    public float HeartRateBpm { get; init; } = float.NaN;

    /// <summary>Never throws for what is wrong with a file: it is in the result.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    public static RecordingFeatures Of(string path, Channel channel, FrontEndSpec spec, QualityGates gates, CancellationToken stop)
    {
        try
        {
            using var recording = RecordingReader.Open(path, channel);
            return Of(recording, spec, gates, stop);
        }
        catch (RecordingException e)
        {
            return new RecordingFeatures { File = path, Error = e.Message };
        }
    }

    private static RecordingFeatures Of(IRecording recording, FrontEndSpec spec, QualityGates gates, CancellationToken stop)
    {
        var quality = new SignalQuality(spec, gates);
        var heartRate = new HeartRate(spec.SampleRateHz);
        var windows = new List<WindowFeatures>();
        var frontEnd = new FrontEnd(spec, recording.SampleRateHz, (in window) =>
        {
            var report = quality.Assess(window.Source, recording.SampleRateHz, window.Wideband, window.Banded);
            if (report.Accepted) heartRate.Add(window.Banded, window.StartSeconds);
            windows.Add(new WindowFeatures(window.StartSeconds, report.Accepted, (float)report.Score, window.Features.ToArray()));
        });

        var block = new float[16384];
        for (int samples; (samples = recording.Read(block)) > 0;)
        {
            stop.ThrowIfCancellationRequested();
            frontEnd.Listen(block.AsSpan(0, samples));
        }

        frontEnd.Complete();
        return new RecordingFeatures { File = recording.Path, Windows = windows, HeartRateBpm = (float)(heartRate.Current.BeatsPerMinute ?? double.NaN) };
    }
}

/// <summary>One window for training.</summary>
internal sealed record WindowFeatures(double StartSeconds, bool Accepted, float Score, float[] Features);
