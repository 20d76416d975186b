using HeartSound.Native;

namespace HeartSound.Edge.Doctor;

/// <summary>Asks the probes, one after the other, each on a thread of its own: one that hangs or breaks is a finding like any other and does not stop the rest.</summary>
internal static class DoctorRun
{
    /// <summary>What they find, as it comes.</summary>
    /// <param name="probes">Whom to ask.</param>
    /// <param name="facts">What they go by.</param>
    /// <param name="begin">Called before each.</param>
    /// <param name="stop">Ends the asking.</param>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static IEnumerable<Finding> Ask(IEnumerable<Probe> probes, DoctorCase facts, Action<Probe> begin, CancellationToken stop)
    {
        foreach (var probe in probes)
        {
            stop.ThrowIfCancellationRequested();
            begin(probe);
            yield return Ask(probe, facts, stop);
        }
    }

    private static Finding Ask(Probe probe, DoctorCase facts, CancellationToken stop)
    {
        Finding? found = null;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var token = cancel.Token;
        var done = new ManualResetEventSlim(); // not disposed: a thread that was left behind may still set it
        var thread = new Thread(() =>
        {
            found = Guarded(probe, facts, token);
            done.Set();
        })
        { Name = $"probe {probe.Id}", IsBackground = true };
        thread.Start();
        if (done.Wait(probe.Limit, stop)) return found!;
        cancel.Cancel();
        return new Finding(probe.Id, FindingLevel.Failed, FormattableString.Invariant($"no answer within {probe.Limit.TotalSeconds:0} s"), "Look at 'dmesg' and pull and plug in again what is on USB; start the machine again if it stays so.") { HasHung = true };
    }

    private static Finding Guarded(Probe probe, DoctorCase facts, CancellationToken stop)
    {
#pragma warning disable CA1031 // Whatever a probe runs into is what it has found.
        try
        {
            return probe.Ask(facts, stop);
        }
        catch (NativeLibraryMissingException e)
        {
            var lines = e.Message.Split('\n', 2);
            return new Finding(probe.Id, FindingLevel.Failed, $"{e.Library} cannot be loaded", lines[^1].Trim());
        }
        catch (Exception e)
        {
            return new Finding(probe.Id, FindingLevel.Failed, $"{e.GetType().Name}: {e.Message}");
        }
#pragma warning restore CA1031
    }
}
