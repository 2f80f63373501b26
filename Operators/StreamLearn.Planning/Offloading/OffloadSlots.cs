namespace StreamLearn.Planning;

/// <summary>The process of offloading as what an agent learns in: an episode is a run of slots without an end, a step is a slot, and the
/// reward is its cost, negated.</summary>
/// <remarks>A state is shown as the shares of the queue and of the store that are full, which station was used last, one value for each,
/// and the class of each link from 0 to 1. An action is one value, the index in <see cref="OffloadProcess.Actions"/>.</remarks>
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
        return 2 + (2 * process.Stations);
    }

    /// <summary>Shows a state.</summary>
    /// <param name="process">The process.</param>
    /// <param name="state">The state.</param>
    /// <param name="values">Where it is written.</param>
    public static void Show(OffloadProcess process, OffloadState state, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(process);
        values[0] = state.Tasks / (float)process.Settings.MaxTasks;
        values[1] = state.Energy / (float)process.Settings.MaxEnergy;
        for (var i = 0; i < process.Stations; i++)
        {
            values[2 + i] = i == state.Station ? 1 : 0;
            values[2 + process.Stations + i] = process.ClassOf(state.Links, i) / (float)Math.Max(1, process.Classes - 1);
        }
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
}
