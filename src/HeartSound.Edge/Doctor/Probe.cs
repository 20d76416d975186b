namespace HeartSound.Edge.Doctor;

/// <summary>One question to the machine.</summary>
/// <param name="Id">Stable; <c>--only</c> takes it.</param>
/// <param name="Title">What a person sees while it is asked.</param>
/// <param name="Limit">How long it may take; what hangs is left behind on its thread.</param>
/// <param name="Ask">On a thread of its own. The token says that nobody waits for the answer any more.</param>
internal sealed record Probe(string Id, string Title, TimeSpan Limit, Func<DoctorCase, CancellationToken, Finding> Ask)
{
    /// <summary>For what reads some files.</summary>
    public static readonly TimeSpan Quick = TimeSpan.FromSeconds(5);
}
