using HeartSound.Edge.Inference;
using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Classification;

/// <summary>Many recordings at once, a worker a core.</summary>
internal static class FolderClassifier
{
    /// <summary>Classifies <paramref name="files"/> and hands over each result, in the order of the files, as soon as it and all before it are there.</summary>
    /// <param name="model">Stays the caller's.</param>
    /// <param name="files">What to classify.</param>
    /// <param name="channel">Which channel of each.</param>
    /// <param name="jobs">Workers.</param>
    /// <param name="done">Called from one worker at a time.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; the results so far were handed over.</exception>
    public static void Classify(ModelBundle model, IReadOnlyList<string> files, Channel channel, int jobs, Action<RecordingResult> done, CancellationToken stop)
    {
        var results = new RecordingResult?[files.Count];
        var next = 0;
        var gate = new Lock();
        Parallel.For(0, files.Count, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop },
            () => new RecordingClassifier(model),
            (index, _, classifier) =>
            {
                var result = classifier.Classify(files[index], channel);
                lock (gate)
                {
                    results[index] = result;
                    for (; next < results.Length && results[next] is { } ready; next++)
                    {
                        done(ready);
                        results[next] = null; // a day's worth of windows need not stay in memory
                    }
                }

                return classifier;
            },
            classifier => classifier.Dispose());
    }
}
