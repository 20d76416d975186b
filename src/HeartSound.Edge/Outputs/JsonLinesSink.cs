namespace HeartSound.Edge.Outputs;

/// <summary>Verdicts as lines of JSON, the same objects as on MQTT. Flushed after each, so that a reader sees it at once.</summary>
public sealed class JsonLinesSink(Stream stream) : IVerdictSink
{
    public string Name => "JSON lines";

    public void Publish(VerdictMessage message)
    {
        stream.Write(message.ToJson());
        stream.WriteByte((byte)'\n');
        stream.Flush();
    }

    public int Flush(TimeSpan deadline) => 0;

    public void Dispose() => stream.Dispose();
}
