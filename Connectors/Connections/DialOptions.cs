using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Connections;

internal sealed record DialOptions(
    string Host, int Port, TimeSpan SilenceLimit, X509Certificate2Collection? TrustedRoots, X509Certificate2? ClientCertificate);
