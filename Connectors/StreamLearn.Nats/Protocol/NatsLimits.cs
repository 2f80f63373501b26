namespace StreamLearn.Nats;

/// <summary>What is read and written at most. A limit is checked before memory is needed for what exceeds it.</summary>
internal static class NatsLimits
{
    /// <summary>Bytes of the arguments of an operation: the server's own default, which counts neither name nor line end.</summary>
    internal const int Arguments = 4096;

    /// <summary>Bytes of a control line with its CR LF. A server passes a publisher's arguments on with its own name of the operation, the
    /// subscription's id and, in JetStream, a reply subject of its own, in which names of 255 bytes stand: a line that is too long would
    /// end the connection, and again each time the message is delivered again.</summary>
    internal const int ControlLine = 2 * Arguments;

    /// <summary>Bytes of an INFO line with its CR LF.</summary>
    internal const int Info = 64 * 1024;

    /// <summary>Bytes of a header block.</summary>
    internal const int HeaderBytes = 64 * 1024;

    /// <summary>Headers of a message.</summary>
    internal const int HeaderCount = 256;
}
