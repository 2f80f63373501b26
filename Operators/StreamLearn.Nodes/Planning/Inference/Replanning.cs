namespace StreamLearn.Nodes;

/// <summary>Replans after some time, or when an estimate changes. A value.</summary>
/// <remarks>Source: Samikwa, Di Maio, Braun (CCNC 2022), EEoC; the defaults are ours.</remarks>
internal sealed record Replanning
{
    /// <summary>Plans again after a second, or after a change of more than a tenth.</summary>
    public static Replanning Default { get; } = new();

    public double Seconds
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Seconds), value, $"expected above 0, got {value}");
    } = 1;

    /// <summary>Relative change of an estimate that triggers a plan, 0 or more; default 0.1.</summary>
    public double Share
    {
        get;
        init => field = value >= 0
            ? value : throw new ArgumentOutOfRangeException(nameof(Share), value, $"expected 0 or more, got {value}");
    } = 0.1;

    /// <summary>Returns true if the plan is old, a node or link is new or gone, or a load, speed, rate or delay changed.</summary>
    public bool IsDue(ResourceView? planned, ResourceView view, TimeSpan elapsed)
    {
        if (planned is null || elapsed.TotalSeconds >= Seconds) { return true; }
        if (planned.Nodes.Length != view.Nodes.Length || planned.Links.Length != view.Links.Length) { return true; }
        for (var i = 0; i < view.Nodes.Length; i++)
        {
            var (before, now) = (planned.Nodes[i], view.Nodes[i]);
            if (before.Name != now.Name || Moved(before.Load, now.Load) || Moved(before.OverheadSeconds, now.OverheadSeconds)
                || Moved(before.MultiplyAddsPerSecond, now.MultiplyAddsPerSecond) || Moved(Seen(before), Seen(now)))
            {
                return true;
            }
        }

        for (var i = 0; i < view.Links.Length; i++)
        {
            var (before, now) = (planned.Links[i], view.Links[i]);
            if (before.From != now.From || before.To != now.To || Moved(before.BitsPerSecond, now.BitsPerSecond)
                || Moved(before.Delay.TotalSeconds, now.Delay.TotalSeconds))
            {
                return true;
            }
        }

        return false;
    }

    private bool Moved(double before, double now) => before != now && !(Math.Abs(now - before) <= Share * Math.Abs(before));

    private static double Seen(NodeView node) => node.Times is { Count: > 0 } times ? times.ForwardSeconds(0, times.Count) : 0;
}
