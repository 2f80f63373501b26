using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>Settings of a connection to NATS. They print without secrets.</summary>
public sealed record NatsOptions
{
    /// <summary>
    /// Servers of one cluster, tried in any order: <c>nats://host[:4222]</c>, or <c>tls://host[:4222]</c>, which never speaks without TLS;
    /// one of them is enough for all to need it. User and password, or a token in the place of the user, are taken from them and never
    /// printed. Default <c>nats://localhost</c>.
    /// </summary>
    public ImmutableArray<Uri> Servers { get; init; } = [new("nats://localhost")];

    /// <summary>True, the default: servers that a server tells of are tried, too.</summary>
    public bool TakesServersTold { get; init; } = true;

    /// <summary>The client's name, as servers list it. Default <c>streamlearn</c>.</summary>
    public string Name { get; init; } = "streamlearn";

    /// <summary>What the subjects begin with to which a server sends answers and the messages of streams. A login that may subscribe to
    /// <c>_INBOX.pump-7.&gt;</c> alone needs <c>_INBOX.pump-7</c>. A subject of NATS without wildcards; default <c>_INBOX</c>.</summary>
    public string InboxPrefix { get; init; } = "_INBOX";

    /// <summary>A server is asked this often whether it is there, and left when it has not answered twice; 1 s to an hour, by the system's
    /// clock. Default 20 s.</summary>
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Limit on everything a server does before a connection is ready: resolve, connect, INFO, TLS, PONG. Default 10 s.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Limit on the answer to a request, and on the server's taking bytes. Default 30 s.</summary>
    public TimeSpan ReplyDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest first wait before servers are tried again, with full jitter. Default 0.25 s.</summary>
    public TimeSpan InitialReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait before servers are tried again: of those that take connections and break them within 2 s, again and again.
    /// Such waits are random, of the upper half. Servers that cannot be reached, and those that break connections over which messages
    /// went, are tried again after at most four times <see cref="InitialReconnectDelay"/>. Default 10 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that wait to be written at most; beyond, a publisher waits. 64 KiB to 1 GiB; default 1 MiB.</summary>
    public int MaxUnsentBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of the largest message that is taken; a server that sends a larger one is left. Default 64 MiB + 1 KiB.</summary>
    public int MaxMessageBytes { get; init; } = (64 << 20) + 1024;

    /// <summary>What the server keeps, by JetStream; null, the default: nothing. Then each message goes at most once, to whoever
    /// subscribes while it passes.</summary>
    public NatsKeep? Keep { get; init; }

    /// <summary>Gives the login at every connect; null, the default: what stands in the server's address, or none. What it throws is noted
    /// by its type alone and tried again.</summary>
    public Func<CancellationToken, ValueTask<NatsCredentials>>? Credentials { get; init; }

    /// <summary>Roots that a server's certificate must lead to; null, the default: the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The client's own certificate, with its key; null, the default: none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <exception cref="ArgumentException">A setting is out of range.</exception>
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
    public override string ToString() =>
        $"{string.Join(", ", Servers.Select(NatsDialing.Shown))}, named {Name}, asked every {PingEvery}";

    internal static void Between(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most) { throw new ArgumentOutOfRangeException(name, value, $"expected {least} to {most}"); }
    }
}

/// <summary>A login: user and password, a token, an NKey, or a JWT with its NKey. It does not print, and what is secret of it is not
/// written as JSON.</summary>
/// <param name="User">The user; empty: there is something else, or nothing.</param>
/// <param name="Password">The password.</param>
/// <param name="Token">The token; empty: there is none.</param>
public sealed record NatsCredentials(string User, [property: JsonIgnore] string Password, [property: JsonIgnore] string Token = "")
{
    private const string Begin = "-----BEGIN ", End = "------END ";

    /// <summary>The seed of the user's NKey, <c>SU…</c>, by which the server's nonce is signed; empty, the default: none.</summary>
    [JsonIgnore]
    public string Seed { get; init; } = "";

    /// <summary>The user's JWT, which needs <see cref="Seed"/>; empty, the default: there is none.</summary>
    [JsonIgnore]
    public string Jwt { get; init; } = "";

    /// <summary>Reads a file: a credentials file of <c>nsc</c> with JWT and seed; or a line with a seed (<c>SU…</c>); or the user in its
    /// first line and the password in its second; any other single line is a token.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
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

    /// <summary>What stands in an address: <c>user:password</c>, or a token.</summary>
    internal static NatsCredentials Of(string userInfo)
    {
        var parts = userInfo.Split(':', 2);
        return parts.Length == 1 ? new("", "", Uri.UnescapeDataString(userInfo))
            : new(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]));
    }

    internal NatsAuthCred ToClient() => Jwt.Length > 0 ? NatsAuthCred.FromJwt(Jwt, Seed)
        : Seed.Length > 0 ? NatsAuthCred.FromNkey(Seed)
        : Token.Length > 0 ? NatsAuthCred.FromToken(Token) : NatsAuthCred.FromUserInfo(User, Password);

    /// <summary>The line between the marks of a part; null: there is no such part.</summary>
    private static string? Part(string[] lines, string name)
    {
        var at = Array.FindIndex(lines, l => l.StartsWith($"{Begin}{name}", StringComparison.Ordinal));
        return at >= 0 && at + 2 < lines.Length && lines[at + 2].StartsWith(End, StringComparison.Ordinal) ? lines[at + 1].Trim() : null;
    }
}
