namespace StreamLearn.Nats;

/// <summary>What a server sends. Source: NATS client protocol, "Protocol messages".</summary>
internal enum NatsOperation : byte
{
    /// <summary>INFO: what the server is and allows, first of all and whenever that changes.</summary>
    Info = 1,

    /// <summary>MSG or HMSG: a message, without or with headers.</summary>
    Message,

    /// <summary>PING, to be answered by PONG.</summary>
    Ping,

    /// <summary>PONG, the answer to PING.</summary>
    Pong,

    /// <summary>+OK, in verbose mode only.</summary>
    Ok,

    /// <summary>-ERR: what the server refuses; after most of them it closes the connection.</summary>
    Error,
}
