namespace StreamLearn.Nodes;

/// <summary>The slotted decision process of a device that computes or offloads tasks. Immutable.</summary>
/// <remarks> A slot serves at most one task. A task longer than the slot fails: its energy is spent, and it stays queued. After that, a
/// task may arrive (it is dropped if the queue is full), energy arrives, and links may change class. Source: Chen, Zhang, Wu, Mao, Ji,
/// Bennis (2018).
/// </remarks>
public sealed class OffloadProcess
{
    private readonly OffloadSettings _settings;
    private readonly int _links;
    private readonly double[][] _energyChances;        // [left][after]
    private readonly double[][] _linkChances;          // [before][after], over all links

    /// <summary>Creates the process.</summary>
    /// <param name="settings">Rates, prices and weights.</param>
    public OffloadProcess(OffloadSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _links = 1;
        for (var i = 0; i < Stations; i++) { _links = checked(_links * Classes); }
        StateCount = checked((settings.MaxTasks + 1) * (settings.MaxEnergy + 1) * Stations * _links);
        var places = Enumerable.Range(0, Stations + 1);
        Actions = [(0, 0), .. from place in places from units in Enumerable.Range(1, settings.MaxEnergy) select (place, units)];
        _energyChances = [.. Enumerable.Range(0, settings.MaxEnergy + 1).Select(EnergyChances)];
        _linkChances = [.. Enumerable.Range(0, _links).Select(a => Enumerable.Range(0, _links).Select(b => LinkChance(a, b)).ToArray())];
    }

    /// <summary>Rates, prices and weights.</summary>
    public OffloadSettings Settings => _settings;

    /// <summary>Number of states, indexed from 0.</summary>
    public int StateCount { get; }

    /// <summary>The actions in every state: a location (0 for the device, or the number of a station from 1) and units of energy. The first
    /// action does nothing.</summary>
    public ImmutableArray<(int Place, int Units)> Actions { get; }

    /// <summary>Number of stations.</summary>
    public int Stations => _settings.Prices.Length;

    /// <summary>Classes of a link, from 0.</summary>
    public int Classes => _settings.SignalToNoise.Length;

    /// <summary>The initial state: an empty queue, a full energy store, and all links of class 0.</summary>
    public OffloadState Start => new(0, _settings.MaxEnergy, 0, 0);

    /// <summary>Returns the index of a state.</summary>
    public int IndexOf(OffloadState state) =>
        (((((state.Tasks * (_settings.MaxEnergy + 1)) + state.Energy) * Stations) + state.Station) * _links) + state.Links;

    /// <summary>Returns the state at an index.</summary>
    /// <param name="index">The index, below <see cref="StateCount"/>.</param>
    public OffloadState StateAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, StateCount);
        var (rest, links) = Math.DivRem(index, _links);
        (rest, var station) = Math.DivRem(rest, Stations);
        var (tasks, energy) = Math.DivRem(rest, _settings.MaxEnergy + 1);
        return new(tasks, energy, station, links);
    }

    /// <summary>Returns a link's class.</summary>
    /// <param name="links">The links of a state.</param>
    /// <param name="station">The station, from 0.</param>
    public int ClassOf(int links, int station)
    {
        for (; station > 0; station--) { links /= Classes; }
        return links % Classes;
    }

    internal OffloadOutcome OutcomeOf(OffloadState state, (int Place, int Units) action)
    {
        var units = Math.Min(action.Units, state.Energy);
        if (state.Tasks == 0 || units == 0) { return new(_settings.QueueWeight * state.Tasks, state, IsDone: false, HasFailed: false); }

        var (delay, payment, station) = (_settings.LocalSlots / Math.Sqrt(units), 0.0, state.Station);
        if (action.Place > 0)
        {
            station = action.Place - 1;
            delay = _settings.UploadSlots / Math.Log2(1 + (units * _settings.SignalToNoise[ClassOf(state.Links, station)]));
            payment = _settings.Prices[station] * Math.Min(delay, 1);
            if (station != state.Station) { delay += _settings.HandoverSlots; }
        }

        var isDone = delay <= 1;
        var left = state.Tasks - (isDone ? 1 : 0);
        var cost = (_settings.DelayWeight * Math.Min(delay, 1)) + (_settings.QueueWeight * left) + (_settings.PaymentWeight * payment)
            + (isDone ? 0 : _settings.FailureWeight);
        return new(cost, new(left, state.Energy - units, station, state.Links), isDone, HasFailed: !isDone);
    }

    /// <summary>Includes drops.</summary>
    internal double ExpectedCost(OffloadState state, (int Place, int Units) action) => ExpectedCost(OutcomeOf(state, action));

    /// <summary>Each slot draws the same number of random numbers, whatever the action.</summary>
    internal OffloadSlot Next(OffloadState state, (int Place, int Units) action, RandomStream random)
    {
        var outcome = OutcomeOf(state, action);
        var (left, energy, station, links) = outcome.After;
        var hasArrived = random.NextDouble() < _settings.Arrivals;
        var isDropped = hasArrived && left == _settings.MaxTasks;
        var units = UnitsOf(random.NextDouble());
        var (after, digit) = (0, 1);
        for (var i = 0; i < Stations; i++, digit *= Classes) { after += digit * NextClass(ClassOf(links, i), random.NextDouble()); }
        OffloadState next = new(left + (hasArrived && !isDropped ? 1 : 0), Math.Min(energy + units, _settings.MaxEnergy), station, after);
        return new(next, outcome.Cost + (isDropped ? _settings.DropWeight : 0), hasArrived, isDropped);
    }

    /// <summary>Computes, for each state, the action with the minimum expected discounted cost, by value iteration.</summary>
    /// <param name="discount">Discount factor per slot, from 0 to below 1; default 0.9.</param>
    /// <param name="tolerance">Largest change of a value at the end, above 0; default 1e-6.</param>
    /// <returns>The index of the action for each state.</returns>
    /// <remarks>Source: Bellman (1957).</remarks>
    public ImmutableArray<int> BestActions(double discount = 0.9, double tolerance = 1e-6)
    {
        if (discount is not (>= 0 and < 1)) { throw new ArgumentOutOfRangeException(nameof(discount), discount, "expected 0 to below 1"); }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tolerance);
        var outcomes = Enumerable.Range(0, StateCount).Select(s => Actions.Select(a => OutcomeOf(StateAt(s), a)).ToArray()).ToArray();
        var (values, ahead, best, change) = (new double[StateCount], new double[StateCount], new int[StateCount], double.MaxValue);
        while (change > tolerance)
        {
            for (var s = 0; s < StateCount; s++) { ahead[s] = Ahead(values, StateAt(s)); }
            change = 0;
            for (var s = 0; s < StateCount; s++)
            {
                var least = double.MaxValue;
                for (var a = 0; a < Actions.Length; a++)
                {
                    var cost = ExpectedCost(outcomes[s][a]) + (discount * ahead[IndexOf(outcomes[s][a].After)]);
                    if (cost < least) { (least, best[s]) = (cost, a); }
                }

                change = Math.Max(change, Math.Abs(least - values[s]));
                values[s] = least;
            }
        }

        return [.. best];
    }

    /// <summary>Learns a rule with an agent, a deep Q-network.</summary>
    /// <param name="seed">Seed of the agent and of arrivals.</param>
    /// <param name="slots">Slots to play, at least 1; default 25,000.</param>
    /// <returns>The action index of a state.</returns>
    /// <remarks>Source: Mnih et al. (2015); van Hasselt, Guez, Silver (2016).</remarks>
    public Func<OffloadState, int> Learn(long seed, int slots = 25_000)
    {
        var agent = new DqnAgent(OffloadSlots.ValuesOf(this), Actions.Length, seed, new() { MaxSteps = slots });
        new Episodes { MaxEpisodes = 1, MaxSteps = int.MaxValue }.Run(agent, new OffloadSlots(this, new(seed, "offload-learning")));
        return state =>
        {
            var shown = new float[OffloadSlots.ValuesOf(this)];
            OffloadSlots.Show(this, state, shown);
            return agent.BestAction(shown);
        };
    }

    /// <summary>Plays slots with a rule.</summary>
    /// <param name="actionOf">The action index of a state.</param>
    /// <param name="slots">Slots, at least 1.</param>
    /// <param name="seed">Seed of arrivals; use the same for rules to compare.</param>
    /// <returns>Mean cost per slot, and the share of tasks dropped.</returns>
    public (double Cost, double DropRate) Play(Func<OffloadState, int> actionOf, int slots, long seed)
    {
        ArgumentNullException.ThrowIfNull(actionOf);
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        var (random, state, cost, tasks, drops) = (new RandomStream(seed, "offload-slots"), Start, 0.0, 0, 0);
        for (var i = 0; i < slots; i++)
        {
            var slot = Next(state, Actions[actionOf(state)], random);
            (state, cost) = (slot.Next, cost + slot.Cost);
            tasks += slot.HasArrived ? 1 : 0;
            drops += slot.IsDropped ? 1 : 0;
        }

        return (cost / slots, drops / Math.Max(1.0, tasks));
    }

    private double ExpectedCost(in OffloadOutcome outcome) =>
        outcome.Cost + (outcome.After.Tasks == _settings.MaxTasks ? _settings.Arrivals * _settings.DropWeight : 0);

    private double Ahead(double[] values, OffloadState left)
    {
        var sum = 0.0;
        var with = Math.Min(left.Tasks + 1, _settings.MaxTasks);
        for (var energy = left.Energy; energy <= _settings.MaxEnergy; energy++)
        {
            for (var links = 0; links < _links; links++)
            {
                var none = values[IndexOf(new(left.Tasks, energy, left.Station, links))];
                var one = values[IndexOf(new(with, energy, left.Station, links))];
                sum += _energyChances[left.Energy][energy] * _linkChances[left.Links][links] * (none + (_settings.Arrivals * (one - none)));
            }
        }

        return sum;
    }

    private double[] EnergyChances(int left)
    {
        var (chances, rest) = (new double[_settings.MaxEnergy + 1], 1.0);
        var chance = Math.Exp(-_settings.EnergyArrivals);
        for (var after = left; after < _settings.MaxEnergy; after++)
        {
            chances[after] = chance;
            rest -= chance;
            chance *= _settings.EnergyArrivals / (after - left + 1);
        }

        chances[_settings.MaxEnergy] = rest;
        return chances;
    }

    private double LinkChance(int before, int after)
    {
        var chance = 1.0;
        for (var i = 0; i < Stations; i++)
        {
            var stays = ClassOf(before, i) == ClassOf(after, i);
            chance *= Classes == 1 ? 1 : stays ? _settings.LinkStays : (1 - _settings.LinkStays) / (Classes - 1);
        }

        return chance;
    }

    private int UnitsOf(double drawn)
    {
        var (units, chance) = (0, Math.Exp(-_settings.EnergyArrivals));
        while (drawn >= chance && units < _settings.MaxEnergy)
        {
            drawn -= chance;
            chance *= _settings.EnergyArrivals / ++units;
        }

        return units;
    }

    private int NextClass(int present, double drawn)
    {
        if (drawn < _settings.LinkStays || Classes == 1) { return present; }
        var other = (int)((drawn - _settings.LinkStays) / (1 - _settings.LinkStays) * (Classes - 1));
        return other < present ? other : other + 1;
    }
}
