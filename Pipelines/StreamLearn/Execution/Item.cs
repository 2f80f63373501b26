namespace StreamLearn;

/// <summary>A message on its way: its acknowledgement, and which of its sender's messages it is.</summary>
internal readonly record struct Item(object Value, Token? Token, long First, long Last, long Bytes, int Rows)
{
    /// <summary>A message with its size, which is asked for once: the message may be gone before all its counters are written.</summary>
    internal static Item Of(object value, Token? token, long first, long last) => value is ISized sized
        ? new(value, token, first, last, sized.SizeBytes, sized.Rows)
        : new(value, token, first, last, ISized.DefaultBytes, 0);

    /// <summary>The same message for a further receiver.</summary>
    internal Item Retain()
    {
        Token?.Retain();
        return Value is IOwned owned ? this with { Value = owned.Retain() } : this;
    }

    /// <summary>The same message as a dead letter, with its acknowledgement.</summary>
    internal Item ToLetter(Node node, Exception failure, DateTimeOffset now, long number)
    {
        var kept = Retain();
        return Of(new DeadLetter(node.Name, failure.Message, now, kept.Value), kept.Token, number, number);
    }

    /// <summary>Ends the message here.</summary>
    internal void End(bool processed)
    {
        try
        {
            Ownership.End(Value);
        }
        finally
        {
            Token?.Release(processed);
        }
    }
}
