namespace Tool;

/// <summary>A server and topic: <c>mqtt://host[:port]/topic</c>; also <c>mqtts</c>, <c>ws</c>, <c>wss</c>, <c>nats</c> and
/// <c>tls</c>.</summary>
internal sealed record TopicAddress(Uri Server, Topic Topic)
{
    private const string Share = "$share/";

    /// <summary>The topic is not URL-encoded: <c>#</c> and <c>+</c> are part of it.</summary>
    internal static string? TryParse(string text, out TopicAddress? link)
    {
        link = null;
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var topic = scheme < 0 ? -1 : text.IndexOf('/', scheme + 3);
        if (topic < 0 || topic == text.Length - 1 || text[..scheme] is not ("mqtt" or "mqtts" or "ws" or "wss" or "nats" or "tls"))
        {
            return "expected mqtt://host/topic, or mqtts, ws, wss, nats or tls in the place of mqtt";
        }

        if (text[..topic].Contains('@', StringComparison.Ordinal))
        {
            return "expected no user or password in the link: put them in a file, for --login";
        }

        if (!Uri.TryCreate(text[..topic], UriKind.Absolute, out var server) || server.Host.Length == 0 || server.Port == 0)
        {
            return "expected host or host:port after ://, with a port of 1 to 65535";
        }

        if (!IsWholeGroup(text[(topic + 1)..])) { return "expected $share/group/topic, with a group that has no '+' or '#'"; }
        try
        {
            link = new(server, new(text[(topic + 1)..]));
            if (!link.IsNats || !link.Levels.Any(static l => l is "*" or ">")) { return null; }
            var meant = link.Meant;
            link = null;
            return $"expected levels separated by '/', with '+' for one level and a final '#' for the rest, also for NATS: did you mean "
                + $"'{meant}'?";
        }
        catch (ArgumentException)
        {
            return "expected '+' or '#' alone in its level and '#' last, and text";
        }
    }

    internal bool IsWebSocket => Server.Scheme is "ws" or "wss";

    internal bool IsSecure => Server.Scheme is "mqtts" or "wss" or "tls";

    internal bool IsNats => Server.Scheme is "nats" or "tls";

    /// <summary>True if the topic cannot be published to.</summary>
    internal bool IsFilter => Topic.IsFilter || Topic.Value.StartsWith(Share, StringComparison.Ordinal);

    /// <summary>Advice for topics written as NATS subjects; null: none.</summary>
    internal string? Hint
    {
        get
        {
            if (!IsNats || !Topic.Value.AsSpan().ContainsAny('.', '*', '>')) { return null; }
            return "topics have levels separated by '/', with '+' for one level and '#' for the rest, also for NATS; '.', '*' and '>' "
                + $"are ordinary characters: did you mean '{Meant}'?";
        }
    }

    private string[] Levels => Topic.Value.Split('.', '/');

    private string Meant => string.Join('/', Levels.Select(static l => l switch { "*" => "+", ">" => "#", _ => l }));

    /// <summary>Returns true if a shared group has a name and a topic. Source: MQTT 5.0, section 4.8.2.</summary>
    private static bool IsWholeGroup(string topic) => !topic.StartsWith(Share, StringComparison.Ordinal)
        || (topic[Share.Length..].Split('/', 2) is [{ Length: > 0 } group, { Length: > 0 }] && !group.AsSpan().ContainsAny('+', '#'));
}
