namespace StreamLearn.Nodes.Tests;

/// <summary>The process of offloading beside figures by hand.</summary>
public sealed class OffloadProcessTests
{
    private static readonly OffloadProcess Process = new(new());

    [Fact]
    public void States_have_numbers_and_come_back_from_them()
    {
        Assert.Equal(5 * 5 * 2 * 4, Process.StateCount);
        Assert.Equal(1 + (3 * 4), Process.Actions.Length);
        Assert.Equal(Enumerable.Range(0, Process.StateCount), Enumerable.Range(0, Process.StateCount)
            .Select(i => Process.IndexOf(Process.StateAt(i))));
        Assert.Equal((1, 0), (Process.ClassOf(1, 0), Process.ClassOf(1, 1)));
        Assert.Equal((0, 1), (Process.ClassOf(2, 0), Process.ClassOf(2, 1)));
    }

    /// <summary>With 2 tasks, 3 units, station 0 and links of class 1 and 0.</summary>
    [Theory]
    [InlineData(0, 0, 2.0, 2, 3, 0)]                            // two tasks wait
    [InlineData(0, 1, 1 + 2 + 3.0, 2, 2, 0)]                    // 1.3 slots: failed
    [InlineData(0, 2, (1.3 / 1.4142135623730951) + 1, 1, 1, 0)]
    [InlineData(0, 4, (1.3 / 1.7320508075688772) + 1, 1, 0, 0)]         // there are but three units
    [InlineData(1, 1, 0.45 + (0.5 * 0.45) + 1, 1, 2, 0)]        // log2(1 + 3) = 2
    [InlineData(2, 3, 1 + 2 + 3 + (1.5 * 0.7912063), 2, 0, 1)]   // 0.9 / log2(2.2) = 0.7912063, and 0.4 for the hand-over: failed
    public void An_action_costs_delay_payment_those_that_wait_and_failure(
        int place, int units, double cost, int tasks, int energy, int station)
    {
        OffloadState state = new(2, 3, 0, 1);
        var outcome = Process.OutcomeOf(state, new(place, units));
        Assert.Equal(cost, outcome.Cost, 1e-5);
        Assert.Equal(state with { Tasks = tasks, Energy = energy, Station = station }, outcome.After);
        Assert.Equal((tasks == 1, cost > 5), (outcome.IsDone, outcome.HasFailed));
    }

    [Fact]
    public void A_full_queue_drops_what_comes_and_an_empty_one_has_nothing_to_do()
    {
        OffloadState full = new(4, 0, 0, 0);
        Assert.Equal(4 + (.5 * 15), Process.ExpectedCost(full, default));
        Assert.Equal(0, Process.ExpectedCost(new(0, 4, 0, 0), new(1, 4)));
        Assert.Equal(4, Process.OutcomeOf(new(0, 4, 0, 0), new(1, 4)).After.Energy);
    }

    /// <summary>100,000 slots: a deviation of 0.5 % is three standard deviations.</summary>
    [Fact]
    public void What_comes_in_a_slot_has_the_rates_of_the_settings()
    {
        var process = new OffloadProcess(new() { MaxEnergy = 6, EnergyArrivals = .5, Arrivals = .3 });
        var random = new RandomStream(1, "slots");
        var (arrived, drops, units, moved) = (0, 0, 0, 0);
        for (var i = 0; i < 100_000; i++)
        {
            var slot = process.Next(new(4, 0, 1, 2), default, random);
            (arrived, drops) = (arrived + (slot.HasArrived ? 1 : 0), drops + (slot.IsDropped ? 1 : 0));
            units += slot.Next.Energy;
            moved += (process.ClassOf(slot.Next.Links, 0) == 0 ? 0 : 1) + (process.ClassOf(slot.Next.Links, 1) == 1 ? 0 : 1);
            Assert.Equal(4 + (slot.IsDropped ? 15 : 0), slot.Cost);
        }

        Assert.Equal(arrived, drops);
        Assert.Equal(.3, arrived / 1e5, .005);
        Assert.Equal(.5, units / 1e5, .01);
        Assert.Equal(.3, moved / 2e5, .005);
    }

    [Fact]
    public void Value_iteration_finds_actions_that_no_simple_rule_beats()
    {
        var best = Process.BestActions(discount: .98);
        var (cost, _) = Process.Play(state => best[Process.IndexOf(state)], 20_000, seed: 3);
        foreach (var rule in new[] { OffloadRules.Local(Process), OffloadRules.BestLink(Process), OffloadRules.Greedy(Process),
            OffloadRules.Any(Process, 1) })
        {
            Assert.InRange(cost, 0, Process.Play(rule, 20_000, seed: 3).Cost);
        }

        var blind = Process.BestActions(discount: 0);        // the cost of the slot alone, as the greedy rule has it
        var greedy = OffloadRules.Greedy(Process);
        Assert.All(Enumerable.Range(0, Process.StateCount).Select(Process.StateAt), state => Assert.Equal(
            Process.ExpectedCost(state, Process.Actions[greedy(state)]),
            Process.ExpectedCost(state, Process.Actions[blind[Process.IndexOf(state)]]), 1e-9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Process.BestActions(1));
    }

    [Fact]
    public void Rules_with_a_place_spend_the_least_that_does()
    {
        OffloadState state = new(1, 4, 0, 2);        // the link to station 1 is the better one
        Assert.Equal(new(0, 2), Process.Actions[OffloadRules.Local(Process)(state)]);
        Assert.Equal(new(2, 1), Process.Actions[OffloadRules.BestLink(Process)(state)]);        // 0.45 and 0.4 slots
        Assert.Equal(new(0, 0), Process.Actions[OffloadRules.Local(Process)(state with { Energy = 1 })]);
        Assert.Equal(1, Process.Actions[OffloadRules.BestLink(Process)(state with { Links = 3 })].Place);      // of equal ones, its own
    }

    [Fact]
    public void Settings_compare_by_value_and_are_checked()
    {
        Assert.Equal(new OffloadSettings { Prices = [1, 2] }, new OffloadSettings { Prices = [1, 2] });
        Assert.NotEqual(new OffloadSettings { Prices = [1, 2] }, new OffloadSettings { Prices = [1, 3] });
        Assert.Throws<ArgumentException>(() => new OffloadSettings { Prices = [] });
        foreach (var wrong in (Action[])
        [
            () => _ = new OffloadSettings { MaxTasks = 0 }, () => _ = new OffloadSettings { MaxEnergy = 0 },
            () => _ = new OffloadSettings { Arrivals = 1.1 }, () => _ = new OffloadSettings { LocalSlots = 0 },
            () => _ = new OffloadSettings { SignalToNoise = [0] }, () => _ = new OffloadSettings { DropWeight = double.NaN },
        ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        }
    }
}
