namespace StreamLearn.Fleets;

internal static class StateMessages
{
    internal static long Count(this ref StateStream s, long count) =>
        s.Value(count) is var value && value >= 0 ? value : throw new StateException($"expected 0 or more, got {value}");

    internal static int Count(this ref StateStream s, int count, int most, string what)
    {
        count = s.Value(count, 0, int.MaxValue);
        return s.IsWriting || count <= most ? count : throw new StateException($"expected at most {most} {what}, got {count}");
    }

    internal static ChannelMoments? Moments(this ref StateStream s, ChannelMoments? moments, int channels)
    {
        if (!s.Value(moments is not null)) { return null; }
        var count = s.Count(moments?.Count ?? 0);
        var (mean, m2) = (s.Values(moments?.Mean ?? [], channels), s.Values(moments?.M2 ?? [], channels));
        return moments ?? new(count, mean, m2);
    }

    internal static void State(ref StateStream s, ref Contribution contribution)
    {
        var (device, epoch, sequence) = (s.Value(contribution.Device ?? ""), s.Value(contribution.Epoch), s.Value(contribution.Sequence));
        var (version, staleness) = (s.Value(contribution.BaseVersion), s.Value(contribution.Staleness));
        var weight = s.Value(contribution.IsCapped ? -contribution.Weight : contribution.Weight);       // a negative weight means capped
        var (samples, norm) = (s.Value(contribution.Samples), s.Value(contribution.Norm));
        contribution = new(device, epoch, sequence, version, staleness, Math.Abs(weight), samples, norm, IsCapped: weight < 0);
    }

    internal static void State(ref StateStream s, ref RefusedUpdate refusal) =>
        refusal = new(s.Value(refusal.Device ?? ""), s.Value(refusal.Epoch), s.Value(refusal.Sequence), s.Value(refusal.Reason ?? ""));

    internal static void State(ref StateStream s, ref (string Device, double Score, string Reason) straggler) =>
        straggler = new(s.Value(straggler.Device ?? ""), s.Value(straggler.Score), s.Value(straggler.Reason ?? ""));
}
