namespace HeartSound.Edge.Health;

/// <summary>The parts of a device that can be well or not. Names on the wire: only ever added.</summary>
public enum DevicePart
{
    Capture,
    Model,

    /// <summary>What computes the model.</summary>
    Engine,

    Lights,
    Button,
    Broker,

    /// <summary>Where verdicts wait for the broker.</summary>
    Outbox,

    Clock,
    Heat,
    Record,
    Settings,
}
