namespace StreamLearn.Mqtt;

/// <summary>Times are milliseconds.</summary>
internal sealed record SessionOptions
{
    internal MqttVersion Version { get; init; } = MqttVersion.V5;

    internal string ClientId { get; init; } = "";

    internal bool CleanStart { get; init; }

    internal uint SessionExpirySeconds { get; init; }

    internal long KeepAlive { get; init; } = 30_000;

    internal long ConnectDeadline { get; init; } = 10_000;

    internal long ReplyDeadline { get; init; } = 30_000;

    /// <summary>Maximum number of unacknowledged messages; at QoS 0, of undelivered ones.</summary>
    internal int Capacity { get; init; } = 64;

    internal bool TakesMessages { get; init; } = true;

    internal int MaximumPacketBytes { get; init; } = 64 << 20;

    internal int PublishInFlight { get; init; } = 256;

    internal ushort TopicAliasMaximum { get; init; } = 16;

    internal MqttWill? Will { get; init; }

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

internal enum SessionState
{
    Away,

    Connecting,

    Connected,

    /// <summary>DISCONNECT was sent or received.</summary>
    Closed,
}

/// <summary>Written while the session's lock is held.</summary>
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
