namespace StreamLearn.Nodes;

internal readonly record struct RestFlight(long Sequence, DateTimeOffset SentAt, long Bytes, long MultiplyAdds, RestLoad Before)
{
    internal bool IsAlone => Before.Bytes == Bytes;

    internal static void State(ref StateStream s, ref RestFlight one) => one = new(s.Value(one.Sequence),
        s.ClockTime(one.SentAt) ?? default, s.Value(one.Bytes), s.Value(one.MultiplyAdds), RestLoad.State(ref s, one.Before));
}

internal readonly record struct RestLoad(long Bytes, long MultiplyAdds)
{
    public static RestLoad operator +(RestLoad a, RestLoad b) => new(a.Bytes + b.Bytes, a.MultiplyAdds + b.MultiplyAdds);

    internal static RestLoad State(ref StateStream s, RestLoad one) => new(s.Value(one.Bytes), s.Value(one.MultiplyAdds));
}
