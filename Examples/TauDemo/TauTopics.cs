using StreamLearn;
using StreamLearn.Fleets;

namespace TauDemo;

/// <summary>The topics of a fleet.</summary>
public sealed record TauTopics
{
    /// <summary>Those of a fleet that has a transport of its own.</summary>
    public static TauTopics Plain { get; } = new()
    {
        Versions = "models",
        Updates = "updates",
        UpdatesOf = static _ => "updates",
        Commands = "commands",
    };

    /// <summary>Versions, to all nodes.</summary>
    public required Topic Versions { get; init; }

    /// <summary>The updates of all nodes.</summary>
    public required Topic Updates { get; init; }

    /// <summary>The updates of a node, by its name.</summary>
    public required Func<string, Topic> UpdatesOf { get; init; }

    /// <summary>Commands, to all.</summary>
    public required Topic Commands { get; init; }

    /// <summary>What all nodes tell of themselves; null, the default: they tell nothing.</summary>
    public Topic? News { get; init; }

    /// <summary>That the fleet has ended; null, the default: nobody says so.</summary>
    public Topic? End { get; init; }

    /// <summary>Those of a fleet that shares its server with others: <c>sl/fleet/node/direction/kind</c>.</summary>
    /// <param name="fleet">Its name, a level of topics.</param>
    public static TauTopics Of(string fleet)
    {
        var topics = new FleetTopics($"sl/{fleet}");
        return new()
        {
            Versions = Down(fleet, "model"),
            Updates = topics.Deltas,
            UpdatesOf = topics.DeltasOf,
            Commands = Down(fleet, "command"),
            News = NewsOf(fleet, "+"),
            End = Down(fleet, "end"),
        };
    }

    /// <summary>What a node tells of itself.</summary>
    /// <param name="fleet">The name of the fleet.</param>
    /// <param name="node">The name of the node.</param>
    internal static Topic NewsOf(string fleet, string node) => $"sl/{fleet}/{node}/up/news";

    private static Topic Down(string fleet, string kind) => $"sl/{fleet}/{FleetTopics.Aggregator}/down/{kind}";
}
