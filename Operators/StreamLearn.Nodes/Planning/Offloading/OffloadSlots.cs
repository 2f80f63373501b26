namespace StreamLearn.Nodes;

/// <summary>The offloading process as an environment: no episode ends, a step is a slot, and the reward is the negative cost.</summary>
/// <remarks>States are one-hot: queued tasks, stored energy, last station, and each link's class. An action is one value, the index in
/// <see cref="OffloadProcess.Actions"/>.</remarks>
internal sealed class OffloadSlots(OffloadProcess process, RandomStream random) : IEnvironment
{
    private OffloadState _state = process.Start;

    public int StateValues => ValuesOf(process);

    public int ActionValues => 1;

    public static int ValuesOf(OffloadProcess process) =>
        process.Settings.MaxTasks + 1 + process.Settings.MaxEnergy + 1 + (process.Stations * (1 + process.Classes));

    public static void Show(OffloadProcess process, OffloadState state, Span<float> values)
    {
        values[..ValuesOf(process)].Clear();
        var at = 0;
        Mark(values, ref at, state.Tasks, process.Settings.MaxTasks + 1);
        Mark(values, ref at, state.Energy, process.Settings.MaxEnergy + 1);
        Mark(values, ref at, state.Station, process.Stations);
        for (var i = 0; i < process.Stations; i++) { Mark(values, ref at, process.ClassOf(state.Links, i), process.Classes); }
    }

    public void Reset(Span<float> state)
    {
        _state = process.Start;
        Show(process, _state, state);
    }

    public bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward)
    {
        var slot = process.Next(_state, process.Actions[(int)action[0]], random);
        (_state, reward) = (slot.Next, -slot.Cost);
        Show(process, _state, state);
        return false;
    }

    private static void Mark(Span<float> values, ref int at, int which, int count)
    {
        values[at + which] = 1;
        at += count;
    }
}
