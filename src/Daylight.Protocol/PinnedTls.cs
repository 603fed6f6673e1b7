using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Daylight.Protocol;

/// <summary>Mutual authentication without an authority: each side knows the other's one certificate, and trusts no other.</summary>
public static class PinnedTls
{
    private const int Years = 10;

    /// <summary>Makes a self-signed certificate with its key (P-256), for both ends of a connection.</summary>
    /// <param name="host">Name or address that it is for.</param>
    /// <param name="now">Valid from then on, for ten years.</param>
    /// <returns>The certificate, and certificate with private key, both PEM.</returns>
    public static (string Public, string Private) Create(string host, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (System.Net.IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        var pem = certificate.ExportCertificatePem() + "\n";
        return (pem, pem + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Reads a certificate with its private key from one PEM file.</summary>
    /// <exception cref="InvalidDataException">It holds no certificate, or no key.</exception>
    public static X509Certificate2 ReadOwn(string file)
    {
        try
        {
            var pem = File.ReadAllText(file);
            return X509Certificate2.CreateFromPem(pem, pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{file} does not hold a certificate with its private key. Make one with: daylight keys certificate {file}", e);
        }
    }

    /// <summary>Reads the one certificate that the other side may show.</summary>
    /// <exception cref="InvalidDataException">It holds no certificate.</exception>
    public static X509Certificate2 ReadPeer(string file)
    {
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{file} does not hold a certificate (PEM).", e);
        }
    }

    /// <summary>Whether a shown certificate is the pinned one, byte for byte.</summary>
    public static bool Matches(X509Certificate? shown, X509Certificate2 pinned) =>
        shown is not null && CryptographicOperations.FixedTimeEquals(shown.GetRawCertData(), pinned.RawData);

    /// <summary>A callback that accepts the pinned certificate only.</summary>
    public static RemoteCertificateValidationCallback Only(X509Certificate2 pinned) => (_, shown, _, _) => Matches(shown, pinned);
}
