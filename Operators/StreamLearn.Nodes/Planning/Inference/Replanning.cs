namespace StreamLearn.Nodes;

/// <summary>When a plan is made again: after some time, or when an estimate has moved. A value.</summary>
/// <remarks>Source: Samikwa, Di Maio, Braun (CCNC 2022), EEoC; the defaults are ours.</remarks>
public sealed record Replanning
{
    /// <summary>After a second, or when an estimate has moved by more than a tenth.</summary>
    public static Replanning Default { get; } = new();

    /// <summary>Seconds after which a plan is made again, above 0; default 1.</summary>
    public double Seconds
    {
        get;
        init => field = value > 0
            ? value : throw new ArgumentOutOfRangeException(nameof(Seconds), value, $"expected above 0, got {value}");
    } = 1;

    /// <summary>The share of its value by which an estimate has to move, 0 or more; default 0.1.</summary>
    public double Share
    {
        get;
        init => field = value >= 0
            ? value : throw new ArgumentOutOfRangeException(nameof(Share), value, $"expected 0 or more, got {value}");
    } = 0.1;

    /// <summary>Whether a plan is due: it is old, a node or link is new or gone, or a load, a speed, a rate or a delay has moved.</summary>
    /// <param name="planned">What the plan in force was made for; null: there is none, and one is due.</param>
    /// <param name="view">What is known now.</param>
    /// <param name="elapsed">Time since the plan was made.</param>
    public bool IsDue(ResourceView? planned, ResourceView view, TimeSpan elapsed)
    {
        ArgumentNullException.ThrowIfNull(view);
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

    /// <summary>The seconds of a row through all layers, where they are measured.</summary>
    private static double Seen(NodeView node) => node.Times is { Count: > 0 } times ? times.ForwardSeconds(0, times.Count) : 0;
}
