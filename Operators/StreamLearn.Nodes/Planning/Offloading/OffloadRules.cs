namespace StreamLearn.Nodes;

/// <summary>Simple rules of where a task is run, to compare others with: each gives the index of an action for a state.</summary>
/// <remarks>Source: the baselines of Chen et al. (2018). The two with a fixed place spend the least energy with which a task is done in
/// its slot, and wait while there is not so much.</remarks>
public static class OffloadRules
{
    /// <summary>Runs all tasks on the device.</summary>
    /// <param name="process">The process.</param>
    public static Func<OffloadState, int> Local(OffloadProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return state => Least(process, state, 0);
    }

    /// <summary>Offloads all tasks, over the link of the best class; of equal ones to the station used last, or else the first.</summary>
    /// <param name="process">The process.</param>
    public static Func<OffloadState, int> BestLink(OffloadProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return state =>
        {
            var best = state.Station;
            for (var i = 0; i < process.Stations; i++)
            {
                if (process.ClassOf(state.Links, i) > process.ClassOf(state.Links, best)) { best = i; }
            }

            return Least(process, state, best + 1);
        };
    }

    /// <summary>Takes the action with the least expected cost of the slot, and thinks no further.</summary>
    /// <param name="process">The process.</param>
    public static Func<OffloadState, int> Greedy(OffloadProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return state =>
        {
            var (best, least) = (0, double.MaxValue);
            for (var a = 0; a < process.Actions.Length; a++)
            {
                if (process.Actions[a].Units > state.Energy) { continue; }
                if (process.ExpectedCost(state, process.Actions[a]) is var cost && cost < least) { (best, least) = (a, cost); }
            }

            return best;
        };
    }

    /// <summary>Takes any action.</summary>
    /// <param name="process">The process.</param>
    /// <param name="seed">The seed.</param>
    public static Func<OffloadState, int> Any(OffloadProcess process, long seed)
    {
        ArgumentNullException.ThrowIfNull(process);
        RandomStream random = new(seed, "offload-any");
        return _ => random.NextInt32(process.Actions.Length);
    }

    private static int Least(OffloadProcess process, OffloadState state, int place)
    {
        for (var a = 0; a < process.Actions.Length; a++)
        {
            var action = process.Actions[a];
            if (action.Place == place && action.Units <= state.Energy && process.OutcomeOf(state, action).IsDone) { return a; }
        }

        return 0;
    }
}
