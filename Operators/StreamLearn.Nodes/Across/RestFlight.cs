using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>A request that is on its way, or whose answer is.</summary>
internal readonly record struct RestFlight(long Sequence, DateTimeOffset SentAt, long Bytes, long MultiplyAdds, RestLoad Before)
{
    /// <summary>True if nothing else was on the way.</summary>
    internal bool IsAlone => Before.Bytes == Bytes;

    internal static void State(ref StateStream s, ref RestFlight one) => one = new(s.Value(one.Sequence),
        s.ClockTime(one.SentAt) ?? default, s.Value(one.Bytes), s.Value(one.MultiplyAdds), RestLoad.State(ref s, one.Before));
}

/// <summary>Bytes for a link and multiply-adds for an edge.</summary>
internal readonly record struct RestLoad(long Bytes, long MultiplyAdds)
{
    public static RestLoad operator +(RestLoad a, RestLoad b) => new(a.Bytes + b.Bytes, a.MultiplyAdds + b.MultiplyAdds);

    internal static RestLoad State(ref StateStream s, RestLoad one) => new(s.Value(one.Bytes), s.Value(one.MultiplyAdds));
}
