using System.Security.Cryptography;
using System.Text;

namespace HeartSound.Edge.Export.Fhir;

/// <summary>Ids of resources that are the same each time the same verdict is exported: UUID version 5 (RFC 9562).</summary>
internal static class FhirId
{
    /// <summary>A version 5 UUID of the name "urn:heartsound-edge:fhir" in the namespace for URLs.</summary>
    private static readonly Guid Space = Of(new Guid("6ba7b811-9dad-11d1-80b4-00c04fd430c8"), "urn:heartsound-edge:fhir");

    public static Guid Of(string name) => Of(Space, name);

    public static Guid Of(Guid space, string name)
    {
#pragma warning disable CA5350 // The standard says SHA-1; it tells names apart and protects nothing.
        var hash = SHA1.HashData([.. space.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
