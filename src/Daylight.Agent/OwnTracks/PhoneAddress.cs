using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Daylight.Storage;

namespace Daylight.Agent.OwnTracks;

/// <summary>Where a phone reports to: a name or address of this machine on the network, and a port.</summary>
/// <param name="Host">As the phone writes it.</param>
/// <param name="Port">Port.</param>
internal sealed record PhoneAddress(string Host, int Port)
{
    /// <summary>The port without one named.</summary>
    public const int DefaultPort = 5602;

    // iOS takes no certificate that is valid for more than 825 days, nor one that does not say that it is a server's (https://support.apple.com/103769).
    private const int CertificateDays = 820;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads <c>laptop.local</c> or <c>192.168.1.20:5602</c>.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static PhoneAddress Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var (host, port) = colon < 0 ? (text, DefaultPort) : (text[..colon], int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var named) ? named : -1);
        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 && port is > 0 and < 65536
            ? new PhoneAddress(host, port)
            : throw new FormatException($"'{text}' is not where a phone could report to: it is a name or an address of this machine, such as laptop.local or 192.168.1.20:{DefaultPort}.");
    }

    /// <summary>The certificate for this name, made once; its public half is beside it, for the phone to trust.</summary>
    public X509Certificate2 Certificate(string folder)
    {
        var (secret, open) = (Path.Combine(folder, "phone.pem"), Path.Combine(folder, "phone.crt"));
        if (File.Exists(secret) && X509Certificate2.CreateFromPemFile(open, secret) is var known)
        {
            if (known.MatchesHostname(Host) && known.NotAfter > TimeProvider.System.GetUtcNow().LocalDateTime && known.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any())
            {
                return known;
            }

            known.Dispose();
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + Host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(Host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(Host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(CertificateDays - 1));
        Folders.WritePrivate(secret, key.ExportPkcs8PrivateKeyPem() + "\n");
        File.WriteAllText(open, made.ExportCertificatePem() + "\n");
        return X509Certificate2.CreateFromPemFile(open, secret);
    }
}
