using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Outputs;

/// <summary>Says what is wrong when there is no connection to the broker. Where encryption may be the cause it asks the broker itself, once a call and for some seconds at most. Thread-safe.</summary>
/// <param name="options">Where the broker is and who we are there.</param>
/// <param name="clock">What time it is.</param>
public sealed class BrokerDiagnosis(MqttOptions options, DeviceClock clock)
{
    private readonly string _broker = $"The broker {options.Host}:{options.Port}";

    /// <summary>What a client's fault means.</summary>
    public BrokerTrouble Of(MosquittoFault? fault)
    {
        var reason = fault is null ? "nobody knows why" : fault.Text.StartsWith($"{options.Host}:{options.Port}: ", StringComparison.Ordinal) ? fault.Text[$"{options.Host}:{options.Port}: ".Length..] : fault.Text;
        var away = new BrokerTrouble(BrokerState.Away, $"{_broker} is not there: {reason}.");
        return fault?.Kind switch
        {
            MosquittoFaultKind.BadCredentials => new BrokerTrouble(BrokerState.BadCredentials, $"{_broker} does not let this device in: {reason}."),
            MosquittoFaultKind.Refused or MosquittoFaultKind.ProtocolRefused => new BrokerTrouble(BrokerState.Refused, $"{_broker} turns this device away: {reason}."),
            MosquittoFaultKind.ClosedEarly when options.Tls is null => TlsDiagnosis.OfPlainText(options) ?? away,
            MosquittoFaultKind.ClosedEarly => TlsDiagnosis.OfTls(options, clock) ?? away,
            MosquittoFaultKind.Tls => TlsDiagnosis.OfTls(options, clock) ?? new BrokerTrouble(BrokerState.TlsFailed, $"{_broker} and this device find no way to encrypt: {reason}."),
            _ => away,
        };
    }

    /// <summary>What it means that the broker turned a message away.</summary>
    /// <param name="reason">What it said.</param>
    public BrokerTrouble OfRefusal(string reason) =>
        new(BrokerState.Forbidden, $"{_broker} turned away what this device published: {reason}. Its access list must let {options.Username ?? "everybody"} write {Topics.Root}/{options.Device}/#.");
}
