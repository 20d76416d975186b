using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

/// <summary>TLS with a real mosquitto. Certificates are made on the spot; tests/endtoend/test_broker_security.py has those that openssl makes.</summary>
public sealed class MosquittoTlsTests : IDisposable
{
    private static readonly DateTimeOffset Today = DateTimeOffset.UtcNow;

    private readonly string _folder = Directory.CreateTempSubdirectory("heartsound-tls-").FullName;
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public MosquittoTlsTests()
    {
        var request = new CertificateRequest("CN=authority", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(Today.AddDays(-1), Today.AddDays(30));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Start_AuthorityThatIsKnown_Connects(bool asFolder)
    {
        using var broker = Broker(Make("localhost")).Start();
        var authorities = Authority();
        if (asFolder)
        {
            authorities = Directory.CreateDirectory(Path.Combine(_folder, "authorities")).FullName;
            File.Copy(Authority(), Path.Combine(authorities, "ca.crt"));
            using var rehash = System.Diagnostics.Process.Start("openssl", ["rehash", authorities])!;
            rehash.WaitForExit();
        }

        using var client = new Probe(Options(broker, new MosquittoTls { Authorities = authorities })).StartAndConnect();
        Assert.Equal(client.Client.Publish("a", "x"u8, 1, retain: false), client.Acknowledged.Take());
        Assert.Equal(MosquittoProtocol.Mqtt5, client.Client.Protocol);
    }

    [Fact]
    public void Start_OwnCertificate_IsShown()
    {
        var own = Make("ward-3");
        using var broker = Broker(Make("localhost"), "cafile {folder}/ca.crt", "require_certificate true", "use_identity_as_username true").Start();
        using var client = new Probe(Options(broker, new MosquittoTls { Authorities = Authority(), CertificateFile = Write("own.crt", own.Certificate), KeyFile = Write("own.key", own.Key) }));
        client.StartAndConnect();
        using var nobody = new Probe(Options(broker, new MosquittoTls { Authorities = Authority() }));
        nobody.Client.Start();
        nobody.Reasons.Take();
        Assert.Equal(MosquittoFaultKind.Tls, nobody.Client.LastFault!.Kind);
    }

    [Theory]
    [InlineData("elsewhere", true, 0, "host name")]
    [InlineData("localhost", false, 0, "certificate verify failed")]
    [InlineData("localhost", true, 10, "certificate verify failed")]
    public void Start_CertificateThatIsWrong_IsAFaultOfTls(string host, bool known, int daysAhead, string words)
    {
        using var broker = Broker(Make(host, daysAhead)).Start();
        using var client = new Probe(Options(broker, known ? new MosquittoTls { Authorities = Authority() } : new MosquittoTls()));
        client.Client.Start();
        var reason = client.Reasons.Take();
        Assert.Equal(MosquittoFaultKind.Tls, client.Client.LastFault!.Kind);
        Assert.Contains(words, reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Start_KeyWithAPassphrase_FailsAndAsksNobody()
    {
        var own = Make("ward-3");
        using var key = ECDsa.Create();
        key.ImportFromPem(own.Key);
        var locked = key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1));
        using var broker = Broker(Make("localhost")).Start();
        using var client = new Probe(Options(broker, new MosquittoTls { Authorities = Authority(), CertificateFile = Write("own.crt", own.Certificate), KeyFile = Write("own.key", locked) }));
        client.Client.Start();
        client.Reasons.Take();
        Assert.Equal(MosquittoFaultKind.Tls, client.Client.LastFault!.Kind);
    }

    [Fact]
    public void Constructor_FilesThatAreNotThere_AreNamed()
    {
        var exception = Assert.Throws<MosquittoException>(() => new MosquittoClient(new MosquittoOptions { Tls = new MosquittoTls { Authorities = "/no/such.crt" } }));
        Assert.Contains("/no/such.crt", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new MosquittoClient(new MosquittoOptions { Tls = new MosquittoTls { KeyFile = "/key" } }));
    }

    private static MosquittoOptions Options(MosquittoBroker broker, MosquittoTls tls) => Probe.Options(broker.Port) with { Host = "localhost", Tls = tls };

    private MosquittoBroker Broker((string Certificate, string Key) server, params string[] more) => new(
        more: ["certfile {folder}/server.crt", "keyfile {folder}/server.key", .. more],
        files: new Dictionary<string, string> { ["ca.crt"] = _authority.ExportCertificatePem(), ["server.crt"] = server.Certificate, ["server.key"] = server.Key });

    private string Authority() => Write("ca.crt", _authority.ExportCertificatePem());

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private (string Certificate, string Key) Make(string name, int daysAhead = -1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, Today.AddDays(daysAhead), Today.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
