using System.Diagnostics;
using System.Runtime.CompilerServices;
using HeartSound.Edge.Recordings;
using HeartSound.Signal;

namespace HeartSound.Benchmarks.Comparisons;

/// <summary>The product's side of the front-end comparison: WAV files in, windows out, one thread.</summary>
internal static class FrontEndWorker
{
    public const string Verb = "front-end-worker";

    /// <param name="list">A file with one path a line.</param>
    public static int Run(string list)
    {
        var paths = File.ReadAllLines(list);
        var frontEnds = new Dictionary<int, FrontEnd>();
        var windows = new StrongBox<int>(); // front ends live through all passes, and so does what they count into
        return Worker.Serve(() => Pass(paths, frontEnds, windows));
    }

    private static Pass Pass(string[] paths, Dictionary<int, FrontEnd> frontEnds, StrongBox<int> windows)
    {
        var before = Environment.CpuUsage.TotalTime;
        double sound = 0, read = 0, work = 0;
        windows.Value = 0;
        foreach (var path in paths)
        {
            var clock = Stopwatch.StartNew();
            using var recording = RecordingReader.Open(path, Channel.Mix);
            var samples = new float[recording.Samples];
            for (var filled = 0; filled < samples.Length;)
            {
                var count = recording.Read(samples.AsSpan(filled));
                if (count == 0) break;
                filled += count;
            }

            read += clock.Elapsed.TotalSeconds;
            sound += (double)samples.Length / recording.SampleRateHz;

            clock.Restart();
            if (!frontEnds.TryGetValue(recording.SampleRateHz, out var frontEnd))
                frontEnds.Add(recording.SampleRateHz, frontEnd = new FrontEnd(new FrontEndSpec(), recording.SampleRateHz, (in _) => windows.Value++));
            frontEnd.Listen(samples);
            frontEnd.Complete();
            frontEnd.Reset();
            work += clock.Elapsed.TotalSeconds;
        }

        return new Pass { Recordings = paths.Length, Windows = windows.Value, Sound = sound, Read = read, Work = work, Processor = (Environment.CpuUsage.TotalTime - before).TotalSeconds };
    }
}
