namespace HeartSound.Edge.Pipeline;

/// <summary>What somebody asks of <see cref="Examinations"/>. Any thread may wait for it; the pipeline's thread carries it out.</summary>
/// <param name="kind">What shall happen.</param>
/// <param name="site">Where the chest piece is, of a start; null when nobody says.</param>
internal sealed class ExaminationRequest(ExaminationRequest.What kind, Site? site = null)
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What can be asked for.</summary>
    public enum What
    {
        Start,
        Stop,

        /// <summary>What the button does: starts or stops.</summary>
        Toggle,
    }

    public What Kind => kind;

    public Site? Site => site;

    /// <summary>It is carried out, or never will be.</summary>
    public void End(bool isCarriedOut) => _done.TrySetResult(isCarriedOut);

    /// <summary>Waits, at the most this long. Returns whether it was carried out.</summary>
    public bool Wait(TimeSpan within) => _done.Task.Wait(within) && _done.Task.Result;
}
