using System.Globalization;
using System.Net;

namespace Aggregator;

/// <summary>Checks HTTP addresses. Only loopback is allowed, since the page needs no login.</summary>
internal static class HttpAddress
{
    private const string Example = "expected a port or an address of this machine with a port, such as 8080 or 127.0.0.1:8080";

    internal static bool IsOfThisMachine(string host) =>
        host is "127.0.0.1" or "[::1]" or "::1" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    internal static IPEndPoint Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "127.0.0.1" : text[..colon];
        if (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new HttpAddressException($"{Example}, got '{ShownText.Of(text)}'");
        }

        if (host == "localhost") { return new(IPAddress.Loopback, port); }
        if (host.Contains(':', StringComparison.Ordinal) != (host is ['[', .., ']']) || !IPAddress.TryParse(host, out var address))
        {
            throw new HttpAddressException($"{Example}, got '{ShownText.Of(text)}'");
        }

        return IPAddress.IsLoopback(address)
            ? new(address, port)
            : throw new HttpAddressException(FormattableString.Invariant(
                $"the page has no login, so it is available on this machine only: expected 127.0.0.1:{port}, got '{ShownText.Of(text)}' ")
                + FormattableString.Invariant($"(to see it elsewhere, use a tunnel: ssh -L {port}:127.0.0.1:{port} HOST)"));
    }
}

internal sealed class HttpAddressException(string message) : Exception(message);
