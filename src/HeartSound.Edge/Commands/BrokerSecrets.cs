using HeartSound.Edge.Outputs;

namespace HeartSound.Edge.Commands;

/// <summary>What nobody else may know: the password at the broker, the private key. From a file or from a systemd credential, never from a command line, and never part of a text.</summary>
internal static class BrokerSecrets
{
    /// <summary>Names of the systemd credentials.</summary>
    public const string PasswordCredential = "broker-password", KeyCredential = "broker-key";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The password that goes with a user name: of its file, else of the credential; null when there is neither.</summary>
    /// <exception cref="SetupException">It is there and no good.</exception>
    public static string? Password(BrokerOptions options)
    {
        if (options.PasswordFile is { } file) return FirstLine(file, mustBePrivate: true);
        return options.Username is not null && Credential(PasswordCredential) is { } credential ? FirstLine(credential, mustBePrivate: false) : null;
    }

    /// <summary>The file with the private key that goes with a certificate: the one that is named, else the credential.</summary>
    /// <exception cref="SetupException">There is none, or it is no good.</exception>
    public static string KeyFile(BrokerTlsOptions options)
    {
        var file = options.KeyFile ?? Credential(KeyCredential)
            ?? throw new SetupException($"{options.CertificateFile}: the certificate needs its private key: name it (broker.tls.keyFile, --key), or give the service the credential '{KeyCredential}'.");
        var text = Read(file, "private key", mustBePrivate: options.KeyFile is not null, File.ReadAllText);
        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) throw new SetupException($"{file}: holds no private key in PEM form.");
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal)) throw new SetupException($"{file}: the private key has a passphrase, and nobody is there to type it: openssl pkey -in '{file}' -out NEW");
        return file;
    }

    /// <summary>The first line of a file that only its owner may read.</summary>
    /// <exception cref="SetupException">It cannot be read, others may read it, or it is empty.</exception>
    public static string FirstLine(string path, bool mustBePrivate) =>
        Read(path, "password", mustBePrivate, p => File.ReadLines(p).FirstOrDefault()) is { Length: > 0 } password ? password : throw new SetupException($"{path}: holds no password in its first line.");

    /// <summary>A credential's file; null when the service was not given it. Its folder is private, and systemd gives access by a list that the mode shows as the group's.</summary>
    private static string? Credential(string name) =>
        Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } folder && Path.Combine(folder, name) is var file && File.Exists(file) ? file : null;

    private static T Read<T>(string path, string what, bool mustBePrivate, Func<string, T> read)
    {
        try
        {
            if (mustBePrivate && (File.GetUnixFileMode(path) & Others) != 0)
                throw new SetupException($"{path}: others than its owner may read or change the {what}: chmod 600 '{path}'.");
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{path}: the {what} cannot be read: {e.Message}", e);
        }
    }
}
