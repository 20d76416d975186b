using System.Security.Cryptography.X509Certificates;

namespace HeartSound.Edge.Outputs;

/// <summary>Looks at the broker's certificate, and at this device's own. Used once a handshake.</summary>
/// <param name="options">Where the broker is.</param>
/// <param name="now">What time this device takes it to be.</param>
internal sealed class TlsJudge(MqttOptions options, Moment now)
{
    private readonly string _broker = $"The broker {options.Host}:{options.Port}";

    public DateTimeOffset Now => now.Time;

    /// <summary>Whether the broker showed a certificate.</summary>
    public bool HasSeen { get; private set; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public BrokerTrouble? Trouble { get; private set; }

    /// <summary>Takes what the broker shows; true when nothing is wrong with it.</summary>
    public bool Look(X509Certificate2? certificate, X509Chain? chain)
    {
        HasSeen = certificate is not null;
        Trouble = certificate is null
            ? new BrokerTrouble(BrokerState.TlsUntrusted, $"{_broker} shows no certificate.")
            : (chain?.ChainElements.Select(e => e.Certificate) ?? [certificate]).Select(c => OfTime(c, c.Equals(certificate) ? $"{_broker}'s certificate" : $"The certificate of its authority '{Name(c)}'")).FirstOrDefault(t => t is not null)
                ?? OfTrust(certificate, chain)
                ?? (certificate.MatchesHostname(options.Host) ? null : new BrokerTrouble(BrokerState.TlsWrongHost, $"{_broker} shows a certificate for {Hosts(certificate)}, not for {options.Host}: use a name that it is for (broker.host), or give the broker another certificate."));
        return Trouble is null;
    }

    /// <summary>The broker is fine, and has ended the handshake: so it is about this device's certificate.</summary>
    public BrokerTrouble OfOwn(X509Certificate2? own, string alert)
    {
        if (own is null) return new BrokerTrouble(BrokerState.TlsClientRefused, $"{_broker} wants a certificate of this device ({alert}): set broker.tls.certificateFile and broker.tls.keyFile (--certificate, --key).");
        return OfTime(own, $"This device's own certificate '{Name(own)}'")
            ?? new BrokerTrouble(BrokerState.TlsClientRefused, $"{_broker} refuses this device's certificate '{Name(own)}' ({alert}): it must be of an authority that the broker trusts, and for clients.");
    }

    private BrokerTrouble? OfTime(X509Certificate2 certificate, string whose)
    {
        var from = new DateTimeOffset(certificate.NotBefore.ToUniversalTime());
        var until = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        var synced = now.ClockSynced;
        var clock = $"this device's clock says {Text(now.Time)} (clockSynced: {(synced is null ? "nobody knows" : synced.Value ? "true" : "false")})";
        if (from > now.Time)
            return new BrokerTrouble(BrokerState.TlsNotYetValid, $"{whose} is not valid before {Text(from)}, and {clock}: {(synced == true ? "the clock is kept to a server's, so the certificate is for later, or wrong." : "the clock is wrong; set it, or let the device reach a time server.")}");
        return until < now.Time
            ? new BrokerTrouble(BrokerState.TlsExpired, $"{whose} is not valid after {Text(until)}, and {clock}: {(synced == true ? "it needs a new one." : "it needs a new one, if the clock is right.")}")
            : null;
    }

    private BrokerTrouble? OfTrust(X509Certificate2 certificate, X509Chain? chain)
    {
        var faults = chain?.ChainStatus.Where(s => s.Status != X509ChainStatusFlags.NoError).ToList() ?? [];
        if (faults.Count == 0) return null;
        var why = faults.Any(f => f.Status is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain)
            ? $"no authority in {options.Tls!.Authorities} vouches for the certificate, which is by '{certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true)}'"
            : string.Join(", ", faults.Select(f => f.StatusInformation.Trim().TrimEnd('.')).Distinct());
        return new BrokerTrouble(BrokerState.TlsUntrusted, $"{_broker} cannot be trusted: {why}. Give this device the authority's certificate (broker.tls.caFile, --ca); if it has the right one, somebody may be in between.");
    }

    private static string Hosts(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).Take(5).ToList();
        return names.Count > 0 ? string.Join(", ", names) : Name(certificate);
    }

    private static string Name(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private static string Text(DateTimeOffset time) => FormattableString.Invariant($"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
}
