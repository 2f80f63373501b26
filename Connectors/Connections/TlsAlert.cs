using System.Collections.Frozen;

namespace StreamLearn.Connections;

/// <summary>The alert that ended TLS. In TLS 1.3, a refused client certificate is reported at the first read. The runtime exposes the alert
/// only in the error text of OpenSSL; on other systems there is none. Source: RFC 8446, section 6.2.</summary>
internal static class TlsAlert
{
    private const string Word = " alert ";

    private static readonly FrozenSet<string> OfCertificates = FrozenSet.Create(
        StringComparer.Ordinal, "certificate required", "bad certificate", "unsupported certificate", "certificate revoked",
        "certificate expired", "certificate unknown", "unknown ca", "access denied", "decrypt error", "handshake failure");

    internal static string? Of(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            var at = failure.Message.LastIndexOf(Word, StringComparison.Ordinal);
            if (at >= 0 && failure.Message.Contains("SSL routines", StringComparison.Ordinal))
            {
                return failure.Message[(at + Word.Length)..];
            }
        }

        return null;
    }

    /// <summary>Returns true for alerts that recur until the certificate of the client changes.</summary>
    internal static bool IsOfCertificate(string alert) => OfCertificates.Contains(alert);

    internal static string Text(string alert, string place, bool hasCertificate) => !IsOfCertificate(alert)
        ? $"{place} ended TLS: alert '{alert}'"
        : hasCertificate
            ? $"{place} refused the client's certificate: TLS alert '{alert}'"
            : $"{place} refused a client without a certificate: TLS alert '{alert}'; set ClientCertificate";
}
