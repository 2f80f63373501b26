namespace StreamLearn.Nodes;

/// <summary>Lets an agent learn in an environment, episode by episode.</summary>
public sealed record Episodes
{
    /// <summary>Episodes at most, at least 1; default 100.</summary>
    public int MaxEpisodes { get; init; } = 100;

    /// <summary>Steps of an episode at most, at least 1; default 100.</summary>
    public int MaxSteps { get; init; } = 100;

    /// <summary>Runs until the agent learns no more, or the episodes are over.</summary>
    /// <param name="agent">What learns.</param>
    /// <param name="environment">What it learns in.</param>
    /// <param name="onEpisode">Called after each episode with its number from 1, its steps and the sum of its rewards; null: nobody
    /// asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The sum of the rewards of all steps.</returns>
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
