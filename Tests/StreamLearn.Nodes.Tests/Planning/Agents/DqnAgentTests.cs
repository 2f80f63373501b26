namespace StreamLearn.Nodes.Tests;

/// <summary>A deep Q-network on a walk of five places, on which only the last step is worth something.</summary>
public sealed class DqnAgentTests
{
    private const int Places = 5;

    private static readonly DqnSettings Short = new()
    {
        Hidden = [16],
        LearningRate = 1e-2f,
        ReplaySteps = 500,
        BatchSteps = 16,
        UpdatesPerCopy = 20,
        ExplorationSteps = 1000,
        MaxSteps = 1500,
    };

    [Fact]
    public void It_learns_what_each_action_is_worth_many_steps_ahead()
    {
        var agent = Learn(seed: 1);
        for (var place = 0; place < Places; place++)
        {
            var worth = new float[2];
            agent.Policy.Act(Shown(place), worth);
            Assert.Equal(1, agent.BestAction(Shown(place)));
            Assert.Equal(Math.Pow(Short.Discount, Places - 1 - place), worth[1], 0.1);          // the reward is 1, so many steps later
            Assert.Equal(Math.Pow(Short.Discount, Places - Math.Max(place - 1, 0)), worth[0], 0.2);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_one_others()
    {
        Assert.Equal(Learn(seed: 2).Policy, Learn(seed: 2).Policy);
        Assert.NotEqual(Learn(seed: 2).Policy, Learn(seed: 3).Policy);
    }

    /// <summary>One update by hand: the network chooses the next action, the copy from before judges it.</summary>
    [Fact]
    public void An_update_moves_the_worth_of_the_action_taken_towards_reward_and_what_comes()
    {
        DqnSettings settings = new() { Hidden = [], LearningRate = 0.01f, BatchSteps = 1, ReplaySteps = 1, InitialExploration = 0 };
        var agent = new DqnAgent(2, 2, 1, settings);
        float[] state = [1, 0];
        float[] next = [0, 1];
        var (before, later, after) = (new float[2], new float[2], new float[2]);
        agent.Policy.Act(state, before);
        agent.Policy.Act(next, later);
        var taken = new float[1];

        agent.Act(state, taken);
        agent.Learn(5, next, hasEnded: false);

        agent.Policy.Act(state, after);
        var a = (int)taken[0];
        Assert.Equal(before[0] >= before[1] ? 0 : 1, a);
        Assert.True(5 + (settings.Discount * later.Max()) > before[a]);
        Assert.Equal(before[a] + (2 * 0.01f), after[a], 1e-4);      // Adam's first step is the rate, for a weight and for its bias
        Assert.Equal(before[1 - a], after[1 - a]);
        Assert.Equal(1, agent.Updates);
    }

    [Fact]
    public void The_defaults_are_those_that_are_documented_and_others_are_checked()
    {
        var settings = new DqnSettings();

        Assert.Equal([64, 64], settings.Hidden);
        Assert.Equal((5000, 64, 1e-3f, 200), (settings.ReplaySteps, settings.BatchSteps, settings.LearningRate, settings.UpdatesPerCopy));
        Assert.Equal((1.0, .51, .02, .02), (settings.ExplorationAfter(0), settings.ExplorationAfter(5000),
            settings.ExplorationAfter(10_000), settings.ExplorationAfter(20_000)));
        Assert.Throws<ArgumentException>(() => settings with { Hidden = [0] });
        foreach (var wrong in (Action[])
        [
            () => _ = settings with { LearningRate = 0 }, () => _ = settings with { Discount = 1.1 },
            () => _ = settings with { ReplaySteps = 0 }, () => _ = settings with { BatchSteps = 0 },
            () => _ = settings with { StepsPerUpdate = 0 }, () => _ = settings with { UpdatesPerCopy = 0 },
            () => _ = settings with { InitialExploration = 2 }, () => _ = settings with { FinalExploration = -1 },
            () => _ = settings with { ExplorationSteps = 0 }, () => _ = settings with { MaxSteps = 0 },
            () => _ = settings with { FinalRateShare = 2 }, () => _ = new DqnAgent(1, 1, 0),
        ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        }
    }

    private static DqnAgent Learn(long seed)
    {
        var agent = new DqnAgent(Places, 2, seed, Short);
        new Episodes { MaxEpisodes = 1000, MaxSteps = 50 }.Run(agent, new Walk());
        Assert.True(agent.IsDone);
        return agent;
    }

    private static float[] Shown(int place) => [.. Enumerable.Range(0, Places).Select(i => i == place ? 1f : 0f)];

    /// <summary>Action 1 goes on, action 0 back; a reward of 1 at the end.</summary>
    private sealed class Walk : IEnvironment
    {
        private int _place;
        public int StateValues => Places;
        public int ActionValues => 1;

        public void Reset(Span<float> state)
        {
            _place = 0;
            Shown(0).CopyTo(state);
        }

        public bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward)
        {
            _place = Math.Max(0, _place + (action[0] == 1 ? 1 : -1));
            var hasEnded = _place == Places;
            reward = hasEnded ? 1 : 0;
            Shown(Math.Min(_place, Places - 1)).CopyTo(state);
            return hasEnded;
        }
    }
}
