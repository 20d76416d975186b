using System.Collections.Concurrent;

namespace HeartSound.Edge;

/// <summary>Work on many things at once, whose results are wanted in order.</summary>
internal static class InOrder
{
    /// <summary>
    /// Does <paramref name="work"/> on each of <paramref name="items"/> and hands each result to <paramref name="done"/>, in the order of the items, as soon as it and all
    /// before it are there. Items are begun in order too, so few results wait for an earlier one.
    /// </summary>
    /// <param name="items">What to work on.</param>
    /// <param name="jobs">Workers.</param>
    /// <param name="start">Makes what a worker needs.</param>
    /// <param name="work">On a worker's thread.</param>
    /// <param name="done">Called from one worker at a time.</param>
    /// <param name="end">Takes away what <paramref name="start"/> made.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; the results so far were handed over.</exception>
    public static void Run<TItem, TWorker, TResult>(IReadOnlyList<TItem> items, int jobs, Func<TWorker> start, Func<TWorker, TItem, TResult> work, Action<TResult> done,
        Action<TWorker> end, CancellationToken stop) where TResult : class
    {
        var results = new TResult?[items.Count];
        var next = 0;
        var gate = new Lock();
        var indices = Partitioner.Create(Enumerable.Range(0, items.Count), EnumerablePartitionerOptions.NoBuffering);
        try
        {
            Parallel.ForEach(indices, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop }, start, (index, _, worker) =>
            {
                var result = work(worker, items[index]);
                lock (gate)
                {
                    results[index] = result;
                    for (; next < results.Length && results[next] is { } ready; next++)
                    {
                        done(ready);
                        results[next] = null;
                    }
                }

                return worker;
            }, end);
        }
        catch (AggregateException e) when (e.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]); // the others are of the same kind, at the same time
        }
    }
}
