using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>Settings of a NATS connection, which print without secrets.</summary>
public sealed partial record NatsOptions
{
    /// <summary>Servers of one cluster, tried in any order: <c>nats://host[:4222]</c>, or <c>tls://host[:4222]</c>, which makes TLS
    /// mandatory for all. May include user and password, or a token as user, which are never printed. Default
    /// <c>nats://localhost</c>.</summary>
    public ImmutableArray<Uri> Servers { get; init; } = [new("nats://localhost")];

    /// <summary>True (default): also tries servers that a server announces.</summary>
    public bool AcceptsDiscoveredServers { get; init; } = true;

    /// <summary>The client's name in server lists. Default <c>streamlearn</c>.</summary>
    public string Name { get; init; } = "streamlearn";

    /// <summary>The prefix of subjects for replies and stream messages: a subject without wildcards. A login limited to
    /// <c>_INBOX.pump-7.&gt;</c> needs <c>_INBOX.pump-7</c>. Default <c>_INBOX</c>.</summary>
    public string InboxPrefix { get; init; } = "_INBOX";

    /// <summary>The ping interval by the system's clock, 1 s to an hour; two unanswered pings end the connection. Default 20 s.</summary>
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time limit for resolving the name, connecting, INFO, TLS and PONG together. Default 10 s.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit for a reply, and for the server to accept bytes. Default 30 s.</summary>
    public TimeSpan ReplyDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest first delay before reconnecting, with full jitter. Default 0.25 s.</summary>
    public TimeSpan InitialReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest delay before reconnecting to a server that repeatedly closes connections within 2 s. The actual delay is
    /// random, from half of it to all of it. If no server can be reached, or the last connection received messages, the delay is at most
    /// four times <see cref="InitialReconnectDelay"/>. Default 10 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Maximum number of unwritten bytes; if there are more, a publisher waits. 64 KiB to 1 GiB; default 1 MiB.</summary>
    public int MaxUnsentBytes { get; init; } = 1 << 20;

    /// <summary>Maximum size of a received message in bytes; a larger one ends the connection. Default 64 MiB + 1 KiB.</summary>
    public int MaxMessageBytes { get; init; } = (64 << 20) + 1024;

    /// <summary>JetStream storage; null (default): none, so messages are delivered at most once, to current subscribers.</summary>
    public NatsKeep? Keep { get; init; }

    /// <summary>Returns the login for each connection attempt; null (default): that of the server address, or none. An exception is
    /// recorded by its type, and the attempt is retried.</summary>
    public Func<CancellationToken, ValueTask<NatsCredentials>>? Credentials { get; init; }

    /// <summary>Trusted roots for the server's certificate; null (default): the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The client certificate with its key; null (default): none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    internal NatsOptions Checked()
    {
        if (Servers.IsDefaultOrEmpty) { throw new ArgumentException("expected a server, got none", nameof(Servers)); }
        foreach (var server in Servers)
        {
            if (!server.IsAbsoluteUri || server.Scheme is not ("nats" or "tls") || server.Host.Length == 0)
            {
                throw new ArgumentException(
                    $"expected nats://host[:4222] or tls://host[:4222], got {NatsDialing.Shown(server)}", nameof(Servers));
            }
        }

        NatsText.Require(InboxPrefix);
        if (InboxPrefix.Split('.').Contains("") || InboxPrefix.Any(static c => c is <= ' ' or '*' or '>' || char.IsControl(c)))
        {
            throw new ArgumentException($"expected a subject without wildcards, got '{InboxPrefix}'", nameof(InboxPrefix));
        }

        Between(PingEvery, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(PingEvery));
        Between(ConnectDeadline, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(ConnectDeadline));
        Between(ReplyDeadline, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(ReplyDeadline));
        Between(InitialReconnectDelay, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(InitialReconnectDelay));
        Between(MaxReconnectDelay, InitialReconnectDelay, TimeSpan.FromHours(1), nameof(MaxReconnectDelay));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnsentBytes, 64 << 10, nameof(MaxUnsentBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxUnsentBytes, 1 << 30, nameof(MaxUnsentBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1024, nameof(MaxMessageBytes));
        Keep?.Checked();
        return this;
    }

    /// <inheritdoc />
    public override string ToString() => $"{string.Join(", ", Servers.Select(NatsDialing.Shown))}, named {Name}, asked every {PingEvery}";

    internal static void Between(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most) { throw new ArgumentOutOfRangeException(name, value, $"expected {least} to {most}"); }
    }
}

/// <summary>A login: user and password, token, NKey, or JWT with NKey. It is not printed, and its secrets are not written as
/// JSON.</summary>
/// <param name="User">The user; empty: none.</param>
/// <param name="Password">The password.</param>
/// <param name="Token">The token; empty: none.</param>
public sealed record NatsCredentials(string User, [property: JsonIgnore] string Password, [property: JsonIgnore] string Token = "")
{
    private const string Begin = "-----BEGIN ", End = "------END ";

    /// <summary>The user's NKey seed, <c>SU…</c>, which signs the server's nonce; empty (default): none.</summary>
    [JsonIgnore]
    public string Seed { get; init; } = "";

    /// <summary>The user's JWT, which needs <see cref="Seed"/>; empty (default): none.</summary>
    [JsonIgnore]
    public string Jwt { get; init; } = "";

    /// <summary>Reads a file: an <c>nsc</c> credentials file with JWT and seed, a seed line (<c>SU…</c>), user and password on two lines,
    /// or a single line as token.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async ValueTask<NatsCredentials> FromFileAsync(string path, CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(path, cancellationToken).ConfigureAwait(false);
        if (Part(lines, "NATS USER JWT") is { } jwt) { return new("", "") { Jwt = jwt, Seed = Part(lines, "USER NKEY SEED") ?? "" }; }
        if (lines is [{ Length: 58 } seed, .. var rest] && seed.StartsWith("SU", StringComparison.Ordinal)
            && rest.All(string.IsNullOrEmpty))
        {
            return new("", "") { Seed = seed };
        }

        return lines.Length < 2 ? new("", "", lines.Length == 0 ? "" : lines[0]) : new(lines[0], lines[1]);
    }

    /// <inheritdoc />
    public override string ToString() => "credentials";

    internal static NatsCredentials Of(string userInfo)
    {
        var parts = userInfo.Split(':', 2);
        return parts.Length == 1 ? new("", "", Uri.UnescapeDataString(userInfo))
            : new(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]));
    }

    internal NatsAuthCred ToClient() => Jwt.Length > 0 ? NatsAuthCred.FromJwt(Jwt, Seed)
        : Seed.Length > 0 ? NatsAuthCred.FromNkey(Seed)
        : Token.Length > 0 ? NatsAuthCred.FromToken(Token) : NatsAuthCred.FromUserInfo(User, Password);

    private static string? Part(string[] lines, string name)
    {
        var at = Array.FindIndex(lines, l => l.StartsWith($"{Begin}{name}", StringComparison.Ordinal));
        return at >= 0 && at + 2 < lines.Length && lines[at + 2].StartsWith(End, StringComparison.Ordinal) ? lines[at + 1].Trim() : null;
    }
}
