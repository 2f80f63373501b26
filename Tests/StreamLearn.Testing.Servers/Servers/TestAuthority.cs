using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Testing;

/// <summary>A certificate authority of a test: it makes certificates as they should be, and such as nobody may accept.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1"), ClientUse = new("1.3.6.1.5.5.7.3.2");

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int _serial;

    /// <summary>Makes the authority with a key of its own.</summary>
    public TestAuthority(string name = "StreamLearn test authority")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        Certificate = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
    }

    /// <summary>The authority's own certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The same as a collection, as it is trusted.</summary>
    public X509Certificate2Collection Roots => [Certificate];

    /// <summary>A certificate with its key for a server.</summary>
    public X509Certificate2 ForServer(string host, bool expired = false) => Issue(host, ServerUse, expired);

    /// <summary>A certificate with its key for a client.</summary>
    public X509Certificate2 ForClient(string name, bool expired = false) => Issue(name, ClientUse, expired);

    /// <inheritdoc />
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(string name, Oid use, bool expired)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([use], false));
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) { names.AddIpAddress(address); }
        else { names.AddDnsName(name); }
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        var end = expired ? now.AddDays(-1) : now.AddYears(1);
        using var issued = request.Create(Certificate, now.AddYears(-1), end, BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
        using var both = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), null);     // a key that TLS can use everywhere
    }
}
