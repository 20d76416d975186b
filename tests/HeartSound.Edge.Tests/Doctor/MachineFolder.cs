using HeartSound.Edge.Doctor;
using HeartSound.Edge.Tests.Hosting.Heat;

namespace HeartSound.Edge.Tests.Doctor;

/// <summary>A fabricated machine for probes, with settings of its own.</summary>
internal sealed class MachineFolder : IDisposable
{
    public MachineFolder(BoardFolder? board = null)
    {
        Board = board ?? new BoardFolder();
        Settings("{}");
    }

    public BoardFolder Board { get; }

    public DoctorCase Case => new(Path.Combine(Board.Path, "settings.json"), Board.Path);

    public MachineFolder Settings(string json)
    {
        Board.Write("settings.json", json);
        return this;
    }

    public Finding Ask(Probe probe) => probe.Ask(Case, CancellationToken.None);

    public void Dispose() => Board.Dispose();
}
