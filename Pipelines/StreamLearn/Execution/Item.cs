namespace StreamLearn;

internal readonly record struct Item(object Value, Token? Token, long First, long Last, long Bytes, int Rows)
{
    /// <summary>Reads the size once, because the message may be disposed before all counters are written.</summary>
    internal static Item Of(object value, Token? token, long first, long last) => value is ISized sized
        ? new(value, token, first, last, sized.SizeBytes, sized.Rows)
        : new(value, token, first, last, ISized.DefaultBytes, 0);

    internal Item Retain()
    {
        Token?.Retain();
        return Value is IOwned owned ? this with { Value = owned.Retain() } : this;
    }

    internal Item ToLetter(Node node, Exception failure, DateTimeOffset now, long number)
    {
        var kept = Retain();
        return Of(new DeadLetter(node.Name, failure.Message, now, kept.Value), kept.Token, number, number);
    }

    internal void End(bool processed)
    {
        try { Ownership.End(Value); }
        finally { Token?.Release(processed); }
    }
}
