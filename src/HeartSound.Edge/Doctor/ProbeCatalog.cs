using HeartSound.Edge.Doctor.Probes;

namespace HeartSound.Edge.Doctor;

/// <summary>All probes, in the order in which they are asked: what others build on comes first.</summary>
internal static class ProbeCatalog
{
    public static IReadOnlyList<Probe> All { get; } =
    [
        SettingsProbe.Create(),
        SystemProbe.Create(),
        ServiceProbe.Create(),
        GroupsProbe.Create(),
        MemoryProbe.Create(),
        DiskProbe.Create(),
        ClockProbe.Create(),
        HeatProbe.Create(),
        RuntimeProbe.Create(),
        ModelProbe.Create(),
        MicrophonesProbe.Create(),
        SoundProbe.Create(),
        LampsProbe.Create(),
        ButtonProbe.Create(),
        NetworkProbe.Create(),
        BrokerProbe.Create(),
        OutboxProbe.Create(),
        RecordProbe.Create(),
    ];
}
