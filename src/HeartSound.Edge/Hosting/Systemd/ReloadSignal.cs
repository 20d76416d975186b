using System.Runtime.InteropServices;

namespace HeartSound.Edge.Hosting.Systemd;

/// <summary>SIGHUP: somebody asks the service to read its settings again. Whoever makes it disposes it; from then on SIGHUP ends the process, as it does by default.</summary>
public sealed class ReloadSignal : IDisposable
{
    private readonly Lock _one = new();
    private readonly PosixSignalRegistration _registration;

    /// <param name="reload">Called for every signal, one after the other, on a thread of the pool; must not throw.</param>
    public ReloadSignal(Action reload)
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            lock (_one) reload();
        });
    }

    public void Dispose() => _registration.Dispose();
}
