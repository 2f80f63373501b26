namespace StreamLearn.Nodes;

/// <summary>Trains an agent in an environment by episodes.</summary>
internal sealed record Episodes
{
    /// <summary>Maximum episodes, at least 1; default 100.</summary>
    public int MaxEpisodes { get; init; } = 100;

    /// <summary>Maximum steps of an episode, at least 1; default 100.</summary>
    public int MaxSteps { get; init; } = 100;

    /// <summary>Runs until the agent is done or the episodes are over.</summary>
    public double Run(
        Agent agent, IEnvironment environment, Action<int, int, double>? onEpisode = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEpisodes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSteps, 1);
        var (state, action, all) = (new float[environment.StateValues], new float[environment.ActionValues], 0.0);
        for (var episode = 1; episode <= MaxEpisodes && !agent.IsDone; episode++)
        {
            var (steps, sum, hasEnded) = (0, 0.0, false);
            environment.Reset(state);
            while (steps < MaxSteps && !hasEnded && !agent.IsDone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                agent.Act(state, action);
                hasEnded = environment.Step(action, state, out var reward);
                agent.Learn(reward, state, hasEnded);
                (steps, sum) = (steps + 1, sum + reward);
            }

            all += sum;
            onEpisode?.Invoke(episode, steps, sum);
        }

        return all;
    }
}
