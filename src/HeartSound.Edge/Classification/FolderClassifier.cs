using HeartSound.Edge.Inference;
using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Classification;

/// <summary>Many recordings at once, a worker a core.</summary>
internal static class FolderClassifier
{
    /// <summary>Classifies <paramref name="files"/> and hands over each result in the order of the files.</summary>
    /// <param name="model">Stays the caller's.</param>
    /// <param name="files">What to classify.</param>
    /// <param name="channel">Which channel of each.</param>
    /// <param name="jobs">Workers.</param>
    /// <param name="done">Called from one worker at a time.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; the results so far were handed over.</exception>
    public static void Classify(ModelBundle model, IReadOnlyList<string> files, Channel channel, int jobs, Action<RecordingResult> done, CancellationToken stop) =>
        InOrder.Run(files, jobs, () => new RecordingClassifier(model), (classifier, file) => classifier.Classify(file, channel, stop), done, classifier => classifier.Dispose(), stop);
}
