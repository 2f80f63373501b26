namespace StreamLearn.Nodes;

internal sealed record Episodes
{
    public int MaxEpisodes { get; init; } = 100;

    public int MaxSteps { get; init; } = 100;

    public double Run(
        Agent agent, IEnvironment environment, Action<int, int, double>? onEpisode = null, CancellationToken cancellationToken = default)
    {
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
