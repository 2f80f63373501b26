using System.Collections.Immutable;

namespace StreamLearn.Nats;

/// <summary>What a server says of itself in INFO. A member that it left out has the default of its type, except where said.</summary>
internal sealed record ServerInfo
{
    /// <summary>The server's identity, new with each start.</summary>
    internal string ServerId { get; init; } = "";

    /// <summary>The server's name.</summary>
    internal string ServerName { get; init; } = "";

    /// <summary>The server's version: <c>2.9.10</c>.</summary>
    internal string Version { get; init; } = "";

    /// <summary>Most bytes of a message's headers and payload together. Default 1 MiB.</summary>
    internal int MaxPayload { get; init; } = 1024 * 1024;

    /// <summary>True: it takes headers.</summary>
    internal bool Headers { get; init; }

    /// <summary>True: it has JetStream.</summary>
    internal bool JetStream { get; init; }

    /// <summary>True: a client has to show who it is.</summary>
    internal bool AuthRequired { get; init; }

    /// <summary>True: a client has to use TLS.</summary>
    internal bool TlsRequired { get; init; }

    /// <summary>True: a client has to show a certificate.</summary>
    internal bool TlsVerify { get; init; }

    /// <summary>True: a client may use TLS.</summary>
    internal bool TlsAvailable { get; init; }

    /// <summary>What a client with a key has to sign; null: nothing.</summary>
    internal string? Nonce { get; init; }

    /// <summary>The number of this connection at the server; 0: not said.</summary>
    internal ulong ClientId { get; init; }

    /// <summary>Where further servers of the cluster are: <c>10.0.0.7:4222</c>.</summary>
    internal ImmutableArray<string> ConnectUrls { get; init; } = [];

    /// <summary>True: the server is about to close its connections (lame duck mode).</summary>
    internal bool LameDuckMode { get; init; }

    /// <summary>The cluster; null: none.</summary>
    internal string? Cluster { get; init; }

    /// <summary>The JetStream domain; null: none.</summary>
    internal string? Domain { get; init; }
}
