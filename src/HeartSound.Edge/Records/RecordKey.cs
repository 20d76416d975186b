using System.Security.Cryptography;
using System.Text;

namespace HeartSound.Edge.Records;

/// <summary>The secret that records are encrypted with: 32 random bytes, written as 64 hexadecimal digits. Immutable; never part of a text.</summary>
public sealed class RecordKey
{
    /// <summary>Name of the systemd credential that holds the key.</summary>
    public const string Credential = "record-key";

    /// <summary>Bytes of a key.</summary>
    public const int Bytes = 32;

    /// <summary>Bytes of <see cref="Id"/>.</summary>
    public const int IdBytes = 8;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly byte[] _secret;

    private RecordKey(byte[] secret)
    {
        _secret = secret;
        Id = SHA256.HashData(secret).AsMemory(0, IdBytes);
    }

    /// <summary>Tells keys apart without saying anything about them: the first 8 bytes of the key's SHA-256.</summary>
    public ReadOnlyMemory<byte> Id { get; }

    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>A new key, as text.</summary>
    public static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The key in <paramref name="file"/>, or, when that is null, in systemd's credential <c>record-key</c> (<c>$CREDENTIALS_DIRECTORY</c>).</summary>
    /// <exception cref="RecordException">There is none, it is no key, or others than its owner may read it.</exception>
    public static RecordKey Load(string? file)
    {
        if (file is not null) return Read(file, mustBePrivate: true);
        if (Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is not { Length: > 0 } folder)
            throw new RecordException($"No key for the records is named: set record.keyFile, or give the service the credential '{Credential}' (LoadCredential={Credential}:/etc/heartsound/record.key). 'heartsound record new-key' makes one.");
        return Read(Path.Combine(folder, Credential), mustBePrivate: false); // its folder is private, and systemd gives access by a list that the mode shows as the group's
    }

    private static RecordKey Read(string file, bool mustBePrivate)
    {
        try
        {
            if (mustBePrivate && (File.GetUnixFileMode(file) & Others) != 0)
                throw new RecordException($"{file}: others than its owner may read or change the key of the records: chmod 600 '{file}'.");
            using var stream = File.OpenRead(file);
            Span<byte> text = stackalloc byte[256];
            var length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            var secret = new byte[Bytes];
            var digits = text[..length].Trim(" \t\r\n"u8);
            var isKey = digits.Length == 2 * Bytes && Convert.FromHexString(Encoding.ASCII.GetString(digits), secret, out _, out _) == System.Buffers.OperationStatus.Done;
            CryptographicOperations.ZeroMemory(text);
            return isKey ? new RecordKey(secret) : throw new RecordException($"{file}: is no key: it must be {2 * Bytes} hexadecimal digits. 'heartsound record new-key' makes one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordException($"{file}: the key of the records cannot be read: {e.Message}", e);
        }
    }
}
