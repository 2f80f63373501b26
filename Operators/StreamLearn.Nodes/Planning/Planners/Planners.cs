namespace StreamLearn.Nodes;

/// <summary>Planners by name, as used in configurations.</summary>
public static class Planners
{
    private static ImmutableArray<(string Name, Planner Planner)> _known =
        [("ares", new AresJoint()), ("ares_per_device", new AresPerDevice()), ("greedy", new GreedySplit())];

    /// <summary>All planners; those of this library come first.</summary>
    public static ImmutableArray<(string Name, Planner Planner)> Known => _known;

    /// <summary>Makes a planner available in configurations. Call it at the start.</summary>
    /// <exception cref="ArgumentException">Another planner has the name.</exception>
    public static void Register(string name, Planner planner)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(planner);
        ImmutableInterlocked.Update(ref _known, known =>
        {
            var other = known.FirstOrDefault(k => k.Name == name).Planner;
            return other is null ? known.Add((name, planner))
                : other == planner ? known : throw new ArgumentException($"another planner is named {name}", nameof(name));
        });
    }
}
