namespace StreamLearn.Nats;

/// <summary>A server of the pool.</summary>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="NeedsTls">True: it is spoken to with TLS alone.</param>
/// <param name="Login">What stands in its address; null: nothing.</param>
internal sealed record NatsServer(string Host, int Port, bool NeedsTls, NatsCredentials? Login)
{
    private const int DefaultPort = 4222;

    /// <summary>Where it is, without secrets.</summary>
    internal string Place =>
        $"{(NeedsTls ? "tls" : "nats")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    /// <inheritdoc />
    public override string ToString() => Place;

    internal static NatsServer Of(Uri address) => new(
        address.IdnHost, address.Port > 0 ? address.Port : DefaultPort, address.Scheme == "tls", LoginOf(address.UserInfo));

    /// <summary>One that a server tells of, <c>host:port</c>; null: it cannot be read.</summary>
    internal static NatsServer? Told(string hostAndPort, NatsServer by) =>
        Uri.TryCreate($"nats://{hostAndPort}", UriKind.Absolute, out var address) && address is { UserInfo: "", Host.Length: > 0 }
            ? Of(address) with { NeedsTls = by.NeedsTls, Login = by.Login } : null;

    /// <summary>An address without what may be secret.</summary>
    internal static string Shown(Uri address) =>
        !address.IsAbsoluteUri ? "no address" : address.Port > 0 ? $"{address.Scheme}://{address.Host}:{address.Port}"
            : address.Scheme is "nats" or "tls" ? $"{address.Scheme}://{address.Host}:{DefaultPort}" : $"{address.Scheme}://{address.Host}";

    private static NatsCredentials? LoginOf(string text)
    {
        if (text.Length == 0) { return null; }
        var parts = text.Split(':', 2);
        return parts.Length == 1 ? new("", "", Uri.UnescapeDataString(text))
            : new(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]));
    }
}
