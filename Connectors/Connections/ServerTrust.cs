using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Connections;

internal static class ServerTrust
{
    /// <summary>Applies the certificate policy, because a WebSocket does not accept one.</summary>
    internal static bool IsTrusted(
        X509Certificate2Collection roots, X509Certificate? certificate, X509Chain? offered, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0) { return false; }
        using var chain = new X509Chain { ChainPolicy = ChainPolicy(roots)! };
        foreach (var element in offered?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }

    internal static X509ChainPolicy? ChainPolicy(X509Certificate2Collection? roots)
    {
        if (roots is null) { return null; }
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,                // private root CAs rarely publish revocation lists
            ApplicationPolicy = { new("1.3.6.1.5.5.7.3.1") },
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
