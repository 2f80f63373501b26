namespace StreamLearn.Nodes.Tests;

public sealed class PpoAgentTests
{
    [Fact]
    public void An_agent_finds_the_action_with_the_highest_reward_in_each_state()
    {
        var agent = Learn(seed: 1);
        Assert.InRange(ActionFor(agent.Policy, 0), 0, .35f);
        Assert.InRange(ActionFor(agent.Policy, 1), .65f, 1);
        Assert.InRange(ActionFor(new PpoAgent(1, 1, 1).Policy, 1), .35f, .65f);         // before it has learned anything
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_one_others()
    {
        Assert.Equal(Learn(seed: 2, updates: 5).Policy, Learn(seed: 2, updates: 5).Policy);
        Assert.NotEqual(Learn(seed: 2, updates: 5).Policy, Learn(seed: 3, updates: 5).Policy);
        Assert.StartsWith("policy 1→1 ", Learn(seed: 2, updates: 5).Policy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_explores_less_after_twenty_updates()
    {
        var settings = new PpoSettings();
        Assert.Equal((.5, .5, .45), (settings.DeviationAfter(0), settings.DeviationAfter(20), settings.DeviationAfter(21)));
        Assert.Equal(.5 * Math.Pow(.9, 30), settings.DeviationAfter(50), 1e-12);
    }

    [Fact]
    public void The_defaults_are_those_of_the_source()
    {
        var settings = new PpoSettings();
        Assert.Equal([64, 32], settings.Hidden);
        Assert.Equal((3e-4f, .9, .2), (settings.LearningRate, settings.Discount, settings.Clip));
        Assert.Equal((50, 10, 50, 20, .9), (settings.Epochs, settings.UpdateSteps, settings.MaxUpdates, settings.SteadyUpdates,
            settings.Decay));
        Assert.Equal((100, 100), (new Episodes().MaxEpisodes, new Episodes().MaxSteps));
        Assert.Equal(settings, new PpoSettings());
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        foreach (var settings in (PpoSettings[])
        [
            new() { Hidden = [0] }, new() { Deviation = 0 }, new() { Decay = 1.1 }, new() { Discount = -1 }, new() { Clip = 0 },
            new() { Epochs = 0 }, new() { UpdateSteps = 1 }, new() { MaxUpdates = 0 }, new() { SteadyUpdates = -1 },
        ])
        {
            Assert.ThrowsAny<ArgumentException>(() => new PpoAgent(1, 1, 0, settings));
        }
    }

    [Fact]
    public void Episodes_end_by_themselves_at_their_bound_and_when_the_agent_is_done()
    {
        List<(int Episode, int Steps, double Reward)> told = [];
        var agent = new PpoAgent(1, 1, 0, new() { Epochs = 1, MaxUpdates = 3 });
        var sum = new Episodes { MaxSteps = 8 }.Run(agent, new Chance(5), (e, s, r) => told.Add((e, s, r)));
        Assert.Equal([8, 5, 8, 5, 4], told.Select(static t => t.Steps));        // every other episode ends after five; 30 steps in all
        Assert.Equal(sum, told.Sum(static t => t.Reward), 1e-9);
        Assert.True(agent.IsDone);
        Assert.Throws<OperationCanceledException>(() =>
            new Episodes().Run(new PpoAgent(1, 1, 0), new Chance(5), cancellationToken: new CancellationToken(true)));
    }

    private static PpoAgent Learn(long seed, int updates = 50)
    {
        var agent = new PpoAgent(1, 1, seed, new() { MaxUpdates = updates, Discount = 0 });        // the next state is chance
        new Episodes().Run(agent, new Chance(int.MaxValue));
        return agent;
    }

    private static float ActionFor(Policy policy, float state)
    {
        var action = new float[1];
        policy.Act([state], action);
        return action[0];
    }

    /// <summary>The state is 0 or 1 by chance, and the best action is .1 or .9; every other episode ends after some steps.</summary>
    private sealed class Chance(int steps) : IEnvironment
    {
        private readonly RandomStream _random = new(7, "chance");
        private float _state;
        private int _steps;
        private int _episodes;
        public int StateValues => 1;
        public int ActionValues => 1;

        public void Reset(Span<float> state)
        {
            (_steps, _episodes) = (0, _episodes + 1);
            state[0] = _state = _random.NextInt32(2);
        }

        public bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward)
        {
            reward = -Math.Abs(action[0] - (.1 + (.8 * _state)));
            state[0] = _state = _random.NextInt32(2);
            return ++_steps >= steps && _episodes % 2 == 0;
        }
    }
}
