using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeartSound.Edge.Outputs;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Edge.Tests.Outputs;

/// <summary>What a fault means. Handshakes with real brokers are in tests/endtoend/test_broker_security.py.</summary>
public sealed class BrokerDiagnosisTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly MqttOptions Options = new() { Device = "ward-3", Host = "broker.ward", Port = 8883, Password = "secret", Tls = new MosquittoTls() };

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("localhost.example", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("127.0.0.1.example", false)]
    [InlineData("::2", false)]
    [InlineData("broker", false)]
    public void IsThisMachine_OnlyWhatNeverLeavesIt(string host, bool isThisMachine)
    {
        Assert.Equal(isThisMachine, PlainText.IsThisMachine(host));
        Assert.Equal(isThisMachine, PlainText.Fault(new BrokerOptions { Host = host }) is null);
        Assert.Null(PlainText.Fault(new BrokerOptions { Host = host, AllowPlainText = true }));
        Assert.Null(PlainText.Fault(new BrokerOptions { Host = host, Tls = new BrokerTlsOptions { Enabled = true } }));
    }

    [Theory]
    [InlineData(null, false, 1883)]
    [InlineData(null, true, 8883)]
    [InlineData(1884, true, 1884)]
    public void EffectivePort_NotSet_IsThatOfTheCustom(int? port, bool tls, int expected) =>
        Assert.Equal(expected, new BrokerOptions { Port = port, Tls = new BrokerTlsOptions { Enabled = tls } }.EffectivePort);

    [Theory]
    [InlineData(MosquittoFaultKind.Unreachable, BrokerState.Away)]
    [InlineData(MosquittoFaultKind.Silent, BrokerState.Away)]
    [InlineData(MosquittoFaultKind.Lost, BrokerState.Away)]
    [InlineData(MosquittoFaultKind.Dismissed, BrokerState.Away)]
    [InlineData(MosquittoFaultKind.BadCredentials, BrokerState.BadCredentials)]
    [InlineData(MosquittoFaultKind.Refused, BrokerState.Refused)]
    [InlineData(MosquittoFaultKind.ProtocolRefused, BrokerState.Refused)]
    public void Of_FaultWithoutEncryption_IsNamedWithItsReasonAndNoSecret(MosquittoFaultKind kind, BrokerState state)
    {
        var trouble = Diagnosis(Options).Of(new MosquittoFault(kind, "broker.ward:8883: because"));
        Assert.Equal(state, trouble.State);
        Assert.StartsWith("The broker broker.ward:8883 ", trouble.Text, StringComparison.Ordinal);
        Assert.EndsWith(": because.", trouble.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_TlsFaultOfABrokerThatHasGone_FallsBackToWhatTheLibrarySaid()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var trouble = Diagnosis(Options with { Host = "127.0.0.1", Port = port }).Of(new MosquittoFault(MosquittoFaultKind.Tls, $"127.0.0.1:{port}: TLS: no shared cipher"));
        Assert.Equal(BrokerState.TlsFailed, trouble.State);
        Assert.Contains("no shared cipher", trouble.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void OfRefusal_SaysWhereTheDeviceMustBeLetWrite()
    {
        var trouble = Diagnosis(Options with { Username = "nobody" }).OfRefusal("Not authorized");
        Assert.Equal(BrokerState.Forbidden, trouble.State);
        Assert.Contains("let nobody write heartsound/ward-3/#", trouble.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "clockSynced: nobody knows", "the clock is wrong")]
    [InlineData(false, "clockSynced: false", "the clock is wrong")]
    [InlineData(true, "clockSynced: true", "the certificate is for later")]
    public void Look_CertificateOfTheFuture_BlamesTheClockUnlessItIsKept(bool? synced, string clock, string blame)
    {
        using var certificate = Certificate(Now.AddDays(1), Now.AddDays(2), "broker.ward");
        var judge = Judge(synced);
        Assert.False(judge.Look(certificate, chain: null));
        Assert.Equal(BrokerState.TlsNotYetValid, judge.Trouble!.State);
        foreach (var words in new[] { "2026-03-02 12:00:00 UTC", "2026-03-01 12:00:00 UTC", clock, blame })
            Assert.Contains(words, judge.Trouble.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Look_CertificateOfThePastOrForAnotherHost_IsNamed()
    {
        using var old = Certificate(Now.AddDays(-2), Now.AddDays(-1), "broker.ward");
        using var other = Certificate(Now.AddDays(-2), Now.AddDays(1), "elsewhere");
        using var good = Certificate(Now.AddDays(-2), Now.AddDays(1), "broker.ward");
        Assert.Equal([BrokerState.TlsExpired, BrokerState.TlsWrongHost, null], new[] { old, other, good }.Select(c =>
        {
            var judge = Judge(synced: true);
            judge.Look(c, chain: null);
            return judge.Trouble?.State;
        }));
    }

    [Fact]
    public void OfOwn_NoneOrOldOrRefused_AreToldApart()
    {
        using var old = Certificate(Now.AddDays(-2), Now.AddDays(-1), "ward-3");
        using var good = Certificate(Now.AddDays(-2), Now.AddDays(1), "ward-3");
        Assert.Equal(
            [BrokerState.TlsClientRefused, BrokerState.TlsExpired, BrokerState.TlsClientRefused],
            new[] { null, old, good }.Select(c => Judge(synced: true).OfOwn(c, "alert bad certificate").State));
    }

    [Fact]
    public void ToString_OfAnythingWithASecret_LeavesItOut()
    {
        Assert.DoesNotContain("secret", Options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Options.Client("id").ToString(), StringComparison.Ordinal);
    }

    private static BrokerDiagnosis Diagnosis(MqttOptions options) => new(options, new DeviceClock(TimeProvider.System));

    private static TlsJudge Judge(bool? synced) => new(Options, new Moment(Now, 1, Guid.Empty, synced));

    private static X509Certificate2 Certificate(DateTimeOffset from, DateTimeOffset until, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(from, until);
    }
}
