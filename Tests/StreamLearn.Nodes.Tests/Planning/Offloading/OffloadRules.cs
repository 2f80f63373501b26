namespace StreamLearn.Nodes.Tests;

/// <summary>Baseline rules for placing tasks, as action indices of states.</summary>
/// <remarks>Source: Chen et al. (2018). Rules with a fixed place wait for, and spend, the least energy that completes a task in its
/// slot.</remarks>
internal static class OffloadRules
{
    public static Func<OffloadState, int> Local(OffloadProcess process) => state => Least(process, state, 0);

    /// <summary>Offloads all tasks over the best link; ties prefer the last station, then the first.</summary>
    public static Func<OffloadState, int> BestLink(OffloadProcess process) => state =>
    {
        var best = state.Station;
        for (var i = 0; i < process.Stations; i++)
        {
            if (process.ClassOf(state.Links, i) > process.ClassOf(state.Links, best)) { best = i; }
        }

        return Least(process, state, best + 1);
    };

    public static Func<OffloadState, int> Greedy(OffloadProcess process) => state =>
    {
        var (best, least) = (0, double.MaxValue);
        for (var a = 0; a < process.Actions.Length; a++)
        {
            if (process.Actions[a].Units > state.Energy) { continue; }
            if (process.ExpectedCost(state, process.Actions[a]) is var cost && cost < least) { (best, least) = (a, cost); }
        }

        return best;
    };

    public static Func<OffloadState, int> Any(OffloadProcess process, long seed)
    {
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
