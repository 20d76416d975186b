using HeartSound.Signal;

namespace HeartSound.Edge.Capture;

/// <summary>Something that samples come from: a stethoscope, a recording, a simulated heart. Used by one capture thread; its owner disposes it.</summary>
public interface ISampleSource : IDisposable
{
    /// <summary>What people call it, in logs.</summary>
    string Name { get; }

    int SampleRateHz { get; }

    /// <summary>Writes samples into <paramref name="ring"/> until the source has ended or <paramref name="stop"/> asks for it. Full scale is ±1.</summary>
    void Capture(SampleRing ring, CancellationToken stop);
}
