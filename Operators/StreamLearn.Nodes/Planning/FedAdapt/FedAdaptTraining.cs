namespace StreamLearn.Nodes;

/// <summary>Trains the policy of <see cref="FedAdapt"/> in a simulation of devices and links.</summary>
public sealed record FedAdaptTraining
{
    private const int TrialSteps = 60;

    internal PpoSettings Ppo { get; init; } = new();

    internal Episodes Episodes { get; init; } = new();

    internal OffloadEpisodesOptions Simulation { get; init; } = new();

    /// <summary>Bits per second to which the link of one device at a time drops in the simulation; null (default): none.</summary>
    public double? DropBitsPerSecond
    {
        get => Simulation.DropBitsPerSecond;
        init => Simulation = Simulation with { DropBitsPerSecond = value };
    }

    /// <summary>Number of groups, including slow links; default 3.</summary>
    public int Groups { get; init; } = 3;

    /// <summary>A link with a lower rate is slow, and its device is in the last group; default 0: there is no such group.</summary>
    public double SlowBitsPerSecond { get; init; }

    /// <summary>Agents, of which a trial keeps the best; at least 1, default 16. The paper has one.</summary>
    public int Agents { get; init; } = 16;

    /// <summary>Trains agents and returns a planner with the best policy.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">Devices and links.</param>
    /// <param name="objective">The batch.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="onEpisode">Called after each episode with the numbers of agent and episode, from 1, the steps and the sum of rewards;
    /// may be null.</param>
    /// <param name="cancellationToken">Cancels training.</param>
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

    /// <summary>Returns an untrained planner for comparison.</summary>
    /// <param name="model">Layer costs.</param>
    /// <param name="view">Devices and links.</param>
    /// <param name="objective">The batch.</param>
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
