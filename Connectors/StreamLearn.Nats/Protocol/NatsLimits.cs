namespace StreamLearn.Nats;

/// <summary>What is read and written at most. A limit is checked before memory is needed for what exceeds it.</summary>
internal static class NatsLimits
{
    /// <summary>Bytes of the arguments of an operation: the server's own default, which counts neither name nor line end.</summary>
    internal const int Arguments = 4096;

    /// <summary>Bytes of a control line with its CR LF. A server passes a publisher's arguments on with its own name of the operation and
    /// the subscription's id: 64 bytes more than <see cref="Arguments"/> are enough for both.</summary>
    internal const int ControlLine = Arguments + 64;

    /// <summary>Bytes of an INFO line with its CR LF.</summary>
    internal const int Info = 64 * 1024;

    /// <summary>Bytes of a header block.</summary>
    internal const int HeaderBytes = 64 * 1024;

    /// <summary>Headers of a message.</summary>
    internal const int HeaderCount = 256;
}
