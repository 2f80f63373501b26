using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Connections;

/// <summary>Where a connection goes, and whom it trusts.</summary>
/// <param name="Host">The server's name or address; with TLS, the name that its certificate must have.</param>
/// <param name="Port">Its port.</param>
/// <param name="SilenceLimit">How long the system tries to bring bytes to a server that is silent.</param>
/// <param name="TrustedRoots">Roots that the server's certificate must lead to; null: the system's.</param>
/// <param name="ClientCertificate">The client's own certificate; null: none.</param>
internal sealed record DialOptions(
    string Host, int Port, TimeSpan SilenceLimit, X509Certificate2Collection? TrustedRoots, X509Certificate2? ClientCertificate);
