using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HeartSound.Edge.Records;

/// <summary>
/// AES-256-GCM over the chunks of one file, in order (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
/// Misuse-Resistance", CRYPTO 2015, eprint 2015/189, with the nonce of Tink's AES-GCM-HKDF-Streaming: prefix 7, counter 4 big-endian, last 1). Chunks can so be neither swapped, dropped,
/// repeated nor cut off unseen. The file's own key is HKDF-SHA256 of the key and the header's salt: the same nonce under two files harms neither. For one thread; the caller disposes it.
/// </summary>
internal sealed class RecordCipher : IDisposable
{
    public const int TagBytes = 16;
    private const int NonceBytes = 12;

    private readonly AesGcm _aes;
    private readonly byte[] _header;
    private readonly byte[] _nonce = new byte[NonceBytes];
    private uint _counter;
    private bool _ended;

    public RecordCipher(RecordKey key, RecordHeader header)
    {
        Span<byte> own = stackalloc byte[RecordKey.Bytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Secret, own, header.Salt.Span, "heartsound record 1"u8);
        _aes = new AesGcm(own, TagBytes);
        CryptographicOperations.ZeroMemory(own);
        _header = header.ToBytes();
        header.NoncePrefix.Span.CopyTo(_nonce);
    }

    /// <summary>Encrypts the next chunk.</summary>
    public void Encrypt(ReadOnlySpan<byte> plain, Span<byte> cipher, Span<byte> tag, bool last) => _aes.Encrypt(NextNonce(last), plain, cipher, tag, _header);

    /// <summary>Decrypts the next chunk; false when it is not what was written there. A chunk may be tried as the last one and then as one in between, or the other way round.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> plain, bool last)
    {
        try
        {
            _aes.Decrypt(NextNonce(last), cipher, tag, plain, _header);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            _counter--;
            _ended = false;
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();

    private byte[] NextNonce(bool last)
    {
        if (_ended || _counter == uint.MaxValue) throw new InvalidOperationException("The record has ended; a nonce must never be used twice.");
        BinaryPrimitives.WriteUInt32BigEndian(_nonce.AsSpan(RecordHeader.NoncePrefixBytes), _counter++);
        _nonce[^1] = last ? (byte)1 : (byte)0;
        _ended = last;
        return _nonce;
    }
}
