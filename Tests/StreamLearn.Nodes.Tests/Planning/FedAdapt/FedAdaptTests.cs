namespace StreamLearn.Nodes.Tests;

public sealed class FedAdaptTests
{
    private static readonly DeviceGroups Groups = DeviceGroups.Of([12, .12], count: 3, slowBitsPerSecond: 50e3);

    [Fact]
    public void The_state_is_the_slowest_time_of_each_group_then_the_shares_kept()
    {
        var state = new float[6];
        GroupState.Write([0, 2, 0, 0], [1, 2, 5, 3], [.1, .2, .3, .4], state);
        Assert.Equal([5, 0, 2, .3f, 1, .2f], state);        // nobody is in the middle group
    }

    /// <summary>A policy without hidden layers whose first action falls with the time of the slowest group.</summary>
    [Fact]
    public void Each_group_gets_the_split_that_its_action_means_by_what_was_seen_last()
    {
        var planner = new FedAdapt(Groups, Linear((0, 0, -1), (0, 3, 6), (4, 2, 8)));
        var seen = Small.With("slow", static n => n with { LastSeconds = .01 });
        var split = seen with { Current = new FixedSplit(1).Plan(Small.Model, Small.View, Small.Objective) };
        Assert.Equal([1, 3], Splits(planner, Small.View));          // 12 s: sigmoid(−12 + 6) → 0; the fast one: sigmoid(8) → 1
        Assert.Equal([3, 3], Splits(planner, seen));                // .01 s, all kept: sigmoid(5.99) → 1
        Assert.Equal([2, 3], Splits(planner, split));               // .01 s, a quarter kept: sigmoid(−.01 + .75 + ...) is in between
    }

    [Fact]
    public void A_device_behind_a_slow_link_follows_the_action_of_the_last_group()
    {
        var planner = new FedAdapt(Groups, Linear((0, 0, 0)));
        var slow = Small.View with
        {
            Links = [.. Small.View.Links.Select(static l => l.From == "fast" ? l with { BitsPerSecond = 1 } : l)],
        };
        Assert.Equal([2, 2], Splits(planner, slow));
    }

    [Fact]
    public void A_split_that_does_not_fit_becomes_the_nearest_one()
    {
        var planner = new FedAdapt(Groups, Linear());
        var small = Small.With("slow", static n => n with { MemoryBytes = 4 * ((3 * 10) + (10 * 1500)) });
        Assert.Equal([2, 2], Splits(planner, Small.View));          // sigmoid(0) = .5 of the work is nearest to .75, after two layers
        Assert.Equal([1, 2], Splits(planner, small));
    }

    [Fact]
    public void A_policy_of_other_groups_is_refused() => Assert.Throws<ArgumentException>(
        () => Splits(new(DeviceGroups.Of([1, 2], count: 2), Linear()), Small.View));

    [Fact]
    public void Episodes_give_the_rewards_of_the_source_and_end_when_the_slowest_is_as_slow_as_before()
    {
        var world = World(new() { Jitter = 0 });
        var state = new float[6];
        world.Reset(state);
        Assert.Equal([12, .12f, 0, 1, 1, 1], state);
        Assert.False(world.Step([0, 1, 0], state, out var reward));
        Assert.Equal((1, 3), (world.Splits[0], world.Splits[1]));
        Assert.Equal((12 - 5.9) / 12, reward, 1e-9);                       // the fast one is as fast as before
        Assert.Equal([5.9f, .12f, 0, .25f, 1, 1], state);
        Assert.False(world.Step([0, 0, 0], state, out reward));
        Assert.Equal(((12 - 5.9) / 12) - ((2.93 - .12) / 2.93), reward, 1e-9);
        Assert.True(world.Step([1, 1, 0], state, out reward));
        Assert.Equal(0, reward, 1e-9);
    }

    [Fact]
    public void Times_are_measured_with_noise_over_five_batches_and_fifty_of_a_fast_device()
    {
        var world = World(new() { Jitter = .1 });
        var (slow, fast, state) = (new List<double>(), new List<double>(), new float[6]);
        for (var i = 0; i < 2000; i++)
        {
            world.Reset(state);
            slow.Add(world.Seconds[0] / 12);
            fast.Add(world.Seconds[1] / .12);
        }

        Assert.InRange(Deviation(slow), .9 * .1 / Math.Sqrt(5), 1.1 * .1 / Math.Sqrt(5));
        Assert.InRange(Deviation(fast), .9 * .1 / Math.Sqrt(50), 1.1 * .1 / Math.Sqrt(50));

        static double Deviation(List<double> values) => Math.Sqrt(values.Average(v => (v - 1) * (v - 1)));
    }

    [Fact]
    public void One_link_at_a_time_drops_and_its_device_changes_its_group()
    {
        var world = World(new() { Jitter = 0, DropBitsPerSecond = 1e3, DropSteps = 1 });
        var (state, seen) = (new float[6], new HashSet<(bool, bool, bool)>());
        world.Reset(state);
        for (var i = 0; i < 100; i++)
        {
            world.Step([1, 1, 1], state, out _);
            seen.Add((state[0] > 0, state[1] > 0, state[2] > 0));
        }
        Assert.Equal([(false, true, true), (true, false, true), (true, true, false)], seen.Order());
    }

    [Fact]
    public void Of_several_agents_the_one_with_the_highest_rewards_in_a_trial_is_kept()
    {
        var training = new FedAdaptTraining { Agents = 2, Ppo = new() { MaxUpdates = 8 } };
        HashSet<int> kept = [];
        for (var seed = 0; seed < 4; seed++)
        {
            var planner = training.Train(Small.Model, Small.View, Small.Objective, seed);
            Policy[] agents = [.. new[] { 2 * seed, (2 * seed) + 1 }.Select(own =>
                (training with { Agents = 1 }).Train(Small.Model, Small.View, Small.Objective, own).Policy)];
            double[] rewards = [.. agents.Select(policy => new Episodes { MaxEpisodes = int.MaxValue }.Run(
                new PolicyTrial(policy, 60),
                new OffloadEpisodes(Small.Model, Small.View, Small.Objective, planner.Groups, new(seed, "fedadapt-trial"))))];
            Assert.Equal(agents[rewards[0] >= rewards[1] ? 0 : 1], planner.Policy);
            kept.Add(Array.IndexOf(agents, planner.Policy));
        }

        Assert.Equal(2, kept.Count);
    }

    [Fact]
    public void Training_tells_how_far_it_is_and_can_be_repeated()
    {
        var training = new FedAdaptTraining { Agents = 2, Ppo = new() { MaxUpdates = 4, Epochs = 5 } };
        HashSet<int> told = [];
        var planner = training.Train(Small.Model, Small.View, Small.Objective, seed: 3, (agent, _, _, _) => told.Add(agent));
        Assert.Equal([1, 2], told.Order());
        Assert.Equal(planner, training.Train(Small.Model, Small.View, Small.Objective, seed: 3));
        Assert.NotEqual(planner, training.Untrained(Small.Model, Small.View, Small.Objective, seed: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            (training with { Agents = 0 }).Train(Small.Model, Small.View, Small.Objective, seed: 3));
    }

    private static OffloadEpisodes World(OffloadEpisodesOptions options) =>
        new(Small.Model, Small.View, Small.Objective, Groups, new(4, "world"), options);

    private static int[] Splits(FedAdapt planner, ResourceView view) =>
        [.. planner.Plan(Small.Model, view, Small.Objective).Routes.Select(static route => route.Split)];

    /// <summary>sigmoid(x · W + b) of six values of state and three of action, where all weights are 0 but the given ones; input 6 is the
    /// bias.</summary>
    private static Policy Linear(params (int Action, int Input, float Weight)[] weights)
    {
        var network = new Network(
            new(6), 3, [new Flatten()], [new(0, new Sequential(new Dense(3), new Sigmoid()))], objective: new SquaredError());
        var values = new float[network.Plan.Values];
        foreach (var (action, input, weight) in weights) { values[(3 * input) + action] = weight; }
        return new(network, new() { Version = 0, SchemaHash = network.Plan.SchemaHash, Values = [.. values] });
    }
}
