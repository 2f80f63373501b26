using StreamLearn;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>The topics of a fleet over a server: <c>sl/fleet/run/node/direction/kind</c>. Each of its runs has topics of its own, so that
/// nothing of another one comes into it.</summary>
/// <param name="Fleet">Its name, a level of topics.</param>
/// <param name="Run">The name of the run, a level of topics.</param>
internal sealed record TauTopics(string Fleet, string Run)
{
    private readonly FleetTopics _topics = new($"sl/{Fleet}/{Run}");

    /// <summary>Versions, to all nodes.</summary>
    internal Topic Versions => $"{_topics.Run}/{FleetTopics.Aggregator}/down/model";

    /// <summary>The updates of all nodes.</summary>
    internal Topic Updates => _topics.Deltas;

    /// <summary>What all nodes tell of themselves.</summary>
    internal Topic News => NewsOf("+");

    /// <summary>Where the members of a fleet find each other: it belongs to no run.</summary>
    /// <param name="fleet">The name of the fleet.</param>
    internal static Topic MeetingOf(string fleet) => $"sl/{fleet}/{FleetTopics.Aggregator}/meeting";

    /// <summary>The updates of a node, by its name.</summary>
    internal Topic UpdatesOf(string node) => _topics.DeltasOf(node);

    /// <summary>What a node tells of itself.</summary>
    /// <param name="node">The name of the node.</param>
    internal Topic NewsOf(string node) => $"{_topics.Run}/{node}/up/news";
}
