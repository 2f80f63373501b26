namespace StreamLearn.Nodes;

/// <summary>The process of offloading as what an agent learns in: an episode is a run of slots without an end, a step is a slot, and the
/// reward is its cost, negated.</summary>
/// <remarks>A state is shown by values of which one is 1 and the others are 0, for each of: tasks that wait, energy in store, the station
/// used last, the class of each link. An action is one value, the index in <see cref="OffloadProcess.Actions"/>.</remarks>
/// <param name="process">The process.</param>
/// <param name="random">Where what comes is drawn from.</param>
public sealed class OffloadSlots(OffloadProcess process, RandomStream random) : IEnvironment
{
    private OffloadState _state = process.Start;

    /// <inheritdoc />
    public int StateValues => ValuesOf(process);

    /// <inheritdoc />
    public int ActionValues => 1;

    /// <summary>Values by which a state is shown.</summary>
    /// <param name="process">The process.</param>
    public static int ValuesOf(OffloadProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.Settings.MaxTasks + 1 + process.Settings.MaxEnergy + 1 + (process.Stations * (1 + process.Classes));
    }

    /// <summary>Shows a state.</summary>
    /// <param name="process">The process.</param>
    /// <param name="state">The state.</param>
    /// <param name="values">Where it is written.</param>
    public static void Show(OffloadProcess process, OffloadState state, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(process);
        values[..ValuesOf(process)].Clear();
        var at = 0;
        Mark(values, ref at, state.Tasks, process.Settings.MaxTasks + 1);
        Mark(values, ref at, state.Energy, process.Settings.MaxEnergy + 1);
        Mark(values, ref at, state.Station, process.Stations);
        for (var i = 0; i < process.Stations; i++) { Mark(values, ref at, process.ClassOf(state.Links, i), process.Classes); }
    }

    /// <inheritdoc />
    public void Reset(Span<float> state)
    {
        _state = process.Start;
        Show(process, _state, state);
    }

    /// <inheritdoc />
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
