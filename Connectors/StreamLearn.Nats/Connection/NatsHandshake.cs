using System.Text;

namespace StreamLearn.Nats;

/// <summary>A connection on which a server has taken the login.</summary>
/// <param name="Server">The server.</param>
/// <param name="Info">What it has said of itself.</param>
/// <param name="Link">The connection.</param>
/// <param name="Buffer">What has come and is not read.</param>
internal sealed record NatsHandshake(NatsServer Server, ServerInfo Info, Connection Link, ReceiveBuffer Buffer)
{
    /// <summary>INFO comes first, in plain bytes; TLS begins after it; then CONNECT goes out, and PING, whose answer says that the login
    /// was taken. No byte of CONNECT is sent to a server whose certificate is not trusted.</summary>
    /// <exception cref="NatsRefusal">The server refuses, or speaks something else.</exception>
    internal static async Task<NatsHandshake> WithAsync(NatsServer server, NatsOptions options, CancellationToken cancellationToken)
    {
        var dial = new DialOptions(server.Host, server.Port, 2 * options.PingEvery, options.TrustedRoots, options.ClientCertificate);
        var link = await Dialer.OpenAsync(dial, server.NeedsTls ? null : ReadThreads.Shared, cancellationToken).ConfigureAwait(false);
        var buffer = new ReceiveBuffer();
        try
        {
            var info = await InfoAsync(link, buffer, cancellationToken).ConfigureAwait(false);
            var secure = info.TlsRequired || server.NeedsTls;
            if (server.NeedsTls && !info.TlsRequired && !info.TlsAvailable)
            {
                throw new NatsRefusal("expected TLS, the server has none: without it the address begins with nats://", isForGood: true);
            }

            if (secure)
            {
                if (!buffer.Unread.IsEmpty) { throw new NatsRefusal("expected nothing between INFO and TLS", isForGood: false); }
                link = link.OnEngine();
                link = new(await Dialer.SecureAsync(link.Stream, dial, cancellationToken).ConfigureAwait(false));
            }

            if (info is { Nonce: not null, AuthRequired: true } && options.Credentials is null && server.Login is null)
            {
                throw new NatsRefusal(
                    "the server asks for a signature (nkey, JWT), for which there is no Ed25519 here: use user and password, a token, or a "
                    + "client certificate", isForGood: true);
            }

            var login = options.Credentials is { } ask ? await ask(cancellationToken).ConfigureAwait(false) : server.Login;
            var output = new OutputBuffer();
            new NatsConnect
            {
                Name = options.Name,
                TlsRequired = secure,
                User = login is { User.Length: > 0 } ? login.User : null,
                Password = login is { User.Length: > 0 } ? login.Password : null,
                Token = login is { Token.Length: > 0 } ? login.Token : null,
            }.Write(output);
            NatsWriter.Ping(output);
            await link.Stream.WriteAsync(output.Take(), cancellationToken).ConfigureAwait(false);
            output.Clear();
            return new(server, await WelcomeAsync(link, buffer, info, cancellationToken).ConfigureAwait(false), link, buffer);
        }
        catch
        {
            buffer.Clear();
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<ServerInfo> InfoAsync(Connection link, ReceiveBuffer buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryInfo(buffer, out var info)) { return info; }
            await ReadAsync(link, buffer, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool TryInfo(ReceiveBuffer buffer, out ServerInfo info)
    {
        info = null!;
        var state = NatsCutter.Next(buffer.Unread, 0, out var frame, out var consumed, out var fault);
        if (state == NatsFrameState.More) { return false; }
        if (state == NatsFrameState.Fault || frame.Operation != NatsOperation.Info)
        {
            throw new NatsRefusal(Foreign(buffer.Unread) ?? $"expected INFO: {fault.Text}", isForGood: false);
        }

        info = ReadInfo(frame);
        buffer.Consume(consumed);
        return true;
    }

    internal static ServerInfo ReadInfo(in NatsFrame frame) => ServerInfoReader.TryRead(frame.Text, out var info, out var fault)
        ? info : throw new NatsRefusal($"expected INFO that can be read: {fault.Text}", isForGood: false);

    /// <summary>Waits for PONG.</summary>
    private static async Task<ServerInfo> WelcomeAsync(
        Connection link, ReceiveBuffer buffer, ServerInfo info, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (TryWelcome(buffer, ref info, out var isWelcome))
            {
                if (isWelcome) { return info; }
            }

            await ReadAsync(link, buffer, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads one operation before PONG.</summary>
    private static bool TryWelcome(ReceiveBuffer buffer, ref ServerInfo info, out bool isWelcome)
    {
        isWelcome = false;
        var state = NatsCutter.Next(buffer.Unread, 0, out var frame, out var consumed, out var fault);
        if (state == NatsFrameState.More) { return false; }
        if (state == NatsFrameState.Fault) { throw new NatsRefusal(fault.Text, isForGood: false); }
        switch (frame.Operation)
        {
            case NatsOperation.Info: info = ReadInfo(frame); break;
            case NatsOperation.Pong: isWelcome = true; break;
            case NatsOperation.Ok or NatsOperation.Ping: break;
            case NatsOperation.Error: throw Refused(frame.Text);
            default: throw new NatsRefusal("expected PONG, got a message", isForGood: false);
        }

        buffer.Consume(consumed);
        return true;
    }

    private static NatsRefusal Refused(ReadOnlySpan<byte> error)
    {
        var text = Encoding.UTF8.GetString(error);
        var isLogin = text.Contains("authorization", StringComparison.OrdinalIgnoreCase)
            || text.Contains("authentication", StringComparison.OrdinalIgnoreCase);
        return new(isLogin ? $"the login was refused: {text}" : text, isLogin);
    }

    private static async Task ReadAsync(Connection link, ReceiveBuffer buffer, CancellationToken cancellationToken)
    {
        var count = await link.ReadAsync(buffer.Room(), cancellationToken).ConfigureAwait(false);
        if (count == 0) { throw new NatsRefusal("the server closed the connection before the login", isForGood: false); }
        buffer.Wrote(count);
    }

    /// <summary>What a port says that speaks another protocol; null: nothing that can be told.</summary>
    private static string? Foreign(ReadOnlySpan<byte> first) => first switch
    {
        [0x15 or 0x16, 3, ..] => "expected NATS, the port speaks TLS from the first byte",
        [(byte)'H', (byte)'T', (byte)'T', (byte)'P', ..] => "expected NATS, the port speaks HTTP",
        _ => null,
    };
}
