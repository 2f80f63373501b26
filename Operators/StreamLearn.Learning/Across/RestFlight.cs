namespace StreamLearn.Learning;

/// <summary>A request that is on its way, or whose answer is.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="Bytes">What it takes of the link.</param>
/// <param name="MultiplyAdds">What the edge has to compute; 0: it is a probe.</param>
/// <param name="IsAlone">Nothing else was on the way.</param>
internal readonly record struct RestFlight(long Sequence, DateTimeOffset SentAt, long Bytes, long MultiplyAdds, bool IsAlone)
{
    internal static void State(ref StateStream s, ref RestFlight one) => one = new(s.Value(one.Sequence),
        s.ClockTime(one.SentAt) ?? default, s.Value(one.Bytes), s.Value(one.MultiplyAdds), s.Value(one.IsAlone));
}
