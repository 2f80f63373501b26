using System.Collections.Frozen;

namespace StreamLearn.Connections;

/// <summary>
/// The alert with which a server ended TLS. With TLS 1.3 a refused certificate of the client shows at the first read, after the handshake.
/// The runtime has the alert only in the text of the system's library, OpenSSL; elsewhere none is found. Source: RFC 8446, section 6.2.
/// </summary>
internal static class TlsAlert
{
    private const string Word = " alert ";

    /// <summary>Those that a server sends for a certificate, or for want of one.</summary>
    private static readonly FrozenSet<string> OfCertificates = FrozenSet.Create(
        StringComparer.Ordinal, "certificate required", "bad certificate", "unsupported certificate", "certificate revoked",
        "certificate expired", "certificate unknown", "unknown ca", "access denied", "decrypt error", "handshake failure");

    /// <summary>The alert's name; null: the connection ended otherwise.</summary>
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

    /// <summary>True if it is about the client's certificate: it will be said again as long as that is the same.</summary>
    internal static bool IsOfCertificate(string alert) => OfCertificates.Contains(alert);

    /// <summary>What it says in a sentence. <paramref name="hasCertificate"/>: true if the client showed a certificate.</summary>
    internal static string Text(string alert, string place, bool hasCertificate) => !IsOfCertificate(alert)
        ? $"{place} ended TLS: alert '{alert}'"
        : hasCertificate
            ? $"{place} refused the client's certificate: TLS alert '{alert}'"
            : $"{place} refused a client without a certificate: TLS alert '{alert}'; set ClientCertificate";
}
