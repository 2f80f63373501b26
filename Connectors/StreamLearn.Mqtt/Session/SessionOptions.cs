namespace StreamLearn.Mqtt;

/// <summary>What a session is opened with. Times are milliseconds.</summary>
internal sealed record SessionOptions
{
    internal MqttVersion Version { get; init; } = MqttVersion.V5;

    internal string ClientId { get; init; } = "";

    internal bool CleanStart { get; init; }

    internal uint SessionExpirySeconds { get; init; }

    internal long KeepAlive { get; init; } = 30_000;

    /// <summary>Limit on all that comes before a connection is ready, CONNACK included.</summary>
    internal long ConnectDeadline { get; init; } = 10_000;

    /// <summary>Limit on any other answer.</summary>
    internal long ReplyDeadline { get; init; } = 30_000;

    /// <summary>Messages taken and not yet acknowledged, at most; of QoS 0, messages taken and not yet delivered.</summary>
    internal int Capacity { get; init; } = 64;

    /// <summary>False for a session that publishes: what a server sends is left to it.</summary>
    internal bool TakesMessages { get; init; } = true;

    internal int MaximumPacketBytes { get; init; } = 64 << 20;

    internal int PublishInFlight { get; init; } = 256;

    internal ushort TopicAliasMaximum { get; init; } = 16;

    internal MqttWill? Will { get; init; }

    /// <summary>CONNECT, as somebody.</summary>
    internal ConnectPacket Connect(MqttCredentials? credentials) => new()
    {
        Version = Version,
        ClientId = ClientId,
        CleanStart = CleanStart,
        KeepAliveSeconds = (ushort)Math.Clamp((KeepAlive + 999) / 1000, 1, ushort.MaxValue),
        UserName = credentials?.UserName,
        Password = credentials is null ? default : credentials.Password.Span,
        HasPassword = credentials is { Password.Length: > 0 },
        Will = Will,
        SessionExpirySeconds = SessionExpirySeconds,
        ReceiveMaximum = (ushort)Math.Clamp(Capacity, 1, ushort.MaxValue),
        MaximumPacketSize = (uint)MaximumPacketBytes,
        TopicAliasMaximum = TopicAliasMaximum,
    };
}

/// <summary>Where a session stands.</summary>
internal enum SessionState
{
    /// <summary>There is no connection.</summary>
    Away,

    /// <summary>CONNECT was sent.</summary>
    Connecting,

    /// <summary>The server accepted.</summary>
    Connected,

    /// <summary>DISCONNECT was sent or has come; nothing is taken or sent any more.</summary>
    Closed,
}

/// <summary>What a session has counted. Written under the session's lock.</summary>
internal sealed class SessionCounters
{
    internal long Received { get; set; }

    internal long Published { get; set; }

    internal long WithoutSubscriber { get; set; }

    internal long RedeliveriesIn { get; set; }

    internal long RedeliveriesOut { get; set; }

    internal long OverCredit { get; set; }

    internal long Oversized { get; set; }

    internal long Refused { get; set; }

    internal long SuspendedPings { get; set; }

    internal long Connects { get; set; }

    internal long Losses { get; set; }

    internal long BytesIn { get; set; }

    internal long BytesOut { get; set; }
}
