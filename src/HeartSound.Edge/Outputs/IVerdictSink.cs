namespace HeartSound.Edge.Outputs;

/// <summary>Somewhere that verdicts go: MQTT, a terminal, a file. Called from the sinks' thread alone, one verdict after the other. May throw: the queue catches,
/// counts and says so, and the other sinks go on.</summary>
public interface IVerdictSink : IDisposable
{
    /// <summary>What people call it, in logs.</summary>
    string Name { get; }

    void Publish(VerdictMessage message);

    /// <summary>Waits until everything published has arrived, at the most this long, and returns how many verdicts would be lost by ending now.</summary>
    int Flush(TimeSpan deadline);
}
