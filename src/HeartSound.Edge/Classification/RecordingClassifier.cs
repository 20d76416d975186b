using HeartSound.Edge.Inference;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Classification;

/// <summary>Recordings in, verdicts out, through the very pipeline of the service. Belongs to one thread.</summary>
internal sealed class RecordingClassifier(ModelBundle model) : IDisposable
{
    private readonly IClassifier _classifier = model.CreateClassifier();
    private readonly Dictionary<int, ListeningPipeline> _pipelines = []; // by sample rate: most folders have one
    private readonly float[] _block = new float[16384];

    /// <summary>Never throws for what is wrong with a file: it is in the result.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for.</exception>
    public RecordingResult Classify(string path, Channel channel, CancellationToken stop = default)
    {
        try
        {
            using var recording = RecordingReader.Open(path, channel);
            return Classify(recording, stop);
        }
        catch (RecordingException e)
        {
            return new RecordingResult { File = path, Error = e.Message };
        }
    }

    public void Dispose() => _classifier.Dispose();

    private RecordingResult Classify(IRecording recording, CancellationToken stop)
    {
        if (!_pipelines.TryGetValue(recording.SampleRateHz, out var pipeline))
            _pipelines.Add(recording.SampleRateHz, pipeline = new ListeningPipeline(model.Manifest, _classifier, recording.SampleRateHz));

        var windows = new List<WindowResult>();
        pipeline.WindowHeard = (in _, in result) => windows.Add(result);
        try
        {
            for (int samples; (samples = recording.Read(_block)) > 0;)
            {
                stop.ThrowIfCancellationRequested();
                pipeline.Listen(_block.AsSpan(0, samples));
            }
        }
        catch
        {
            _pipelines.Remove(recording.SampleRateHz); // half a recording is in it
            throw;
        }

        var seconds = pipeline.PositionSeconds;
        return new RecordingResult
        {
            File = recording.Path,
            Verdict = pipeline.Complete(),
            Warning = recording.Warning,
            Seconds = seconds,
            SampleRateHz = recording.SampleRateHz,
            Windows = windows,
        };
    }
}
