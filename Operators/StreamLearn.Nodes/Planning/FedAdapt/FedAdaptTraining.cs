using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>How the policy of <see cref="FedAdapt"/> is learned, in a simulation of the devices and their links.</summary>
public sealed record FedAdaptTraining
{
    private const int TrialSteps = 60;

    /// <summary>How each agent learns; default as in the source.</summary>
    public PpoSettings Ppo { get; init; } = new();

    /// <summary>How long: episodes and their steps; default as in the source.</summary>
    public Episodes Episodes { get; init; } = new();

    /// <summary>How the simulation measures, and which links become slow in it.</summary>
    public OffloadEpisodesOptions Simulation { get; init; } = new();

    /// <summary>Number of groups, that of slow links included; default 3.</summary>
    public int Groups { get; init; } = 3;

    /// <summary>Below this rate a link is slow, and its device in the last group; default 0: there is no such group.</summary>
    public double SlowBitsPerSecond { get; init; }

    /// <summary>Agents that learn, of which the one with the highest rewards in a trial is kept; at least 1, default 16. The source has
    /// one.</summary>
    public int Agents { get; init; } = 16;

    /// <summary>Lets agents learn, and gives a planner with the best one's policy.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">The devices and their links.</param>
    /// <param name="objective">What a batch is.</param>
    /// <param name="seed">Seed of all that is drawn.</param>
    /// <param name="onEpisode">Called after each episode with the agent's number from 1, the episode's, its steps and the sum of its
    /// rewards; null: nobody asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public FedAdapt Train(
        LayerCosts model, ResourceView view, Objective objective, long seed, Action<int, int, int, double>? onEpisode = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Agents, 1);
        var groups = GroupsOf(model, view, objective);
        var (best, most) = ((Policy?)null, double.NegativeInfinity);
        for (var number = 1; number <= Agents; number++)
        {
            var own = (seed * Agents) + number - 1;
            var agent = new PpoAgent(2 * groups.Count, groups.Count, own, Ppo);
            Episodes.Run(agent, World(own, "fedadapt-world"),
                onEpisode is { } tell ? (episode, steps, reward) => tell(number, episode, steps, reward) : null, cancellationToken);
            var reward = (Episodes with { MaxEpisodes = int.MaxValue }).Run(
                new PolicyTrial(agent.Policy, TrialSteps), World(seed, "fedadapt-trial"), cancellationToken: cancellationToken);
            if (best is null || reward > most) { (best, most) = (agent.Policy, reward); }
        }

        return new(groups, best!);

        OffloadEpisodes World(long of, string purpose) => new(model, view, objective, groups, new(of, purpose), Simulation);
    }

    /// <summary>A planner whose agent has learned nothing: to compare with.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">The devices and their links.</param>
    /// <param name="objective">What a batch is.</param>
    /// <param name="seed">Seed of the networks.</param>
    public FedAdapt Untrained(LayerCosts model, ResourceView view, Objective objective, long seed)
    {
        var groups = GroupsOf(model, view, objective);
        return new(groups, new PpoAgent(2 * groups.Count, groups.Count, seed, Ppo).Policy);
    }

    private DeviceGroups GroupsOf(LayerCosts model, ResourceView view, Objective objective) => DeviceGroups.Of(
        SplitRoutes.Of(model, view, objective).Select(static routes =>
            routes.Device.BaselineSeconds ?? routes.Local.Cost.BatchSeconds),
        Groups,
        SlowBitsPerSecond);
}
