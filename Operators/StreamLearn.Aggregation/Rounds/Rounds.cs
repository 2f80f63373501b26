using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>Chooses who is invited to a round.</summary>
/// <param name="fleet">The fleet.</param>
/// <param name="random">The only dice.</param>
/// <param name="cohort">Empty; receives those invited, in any order. If it stays empty, everyone is invited.</param>
public delegate void Select(in FleetView fleet, RandomStream random, List<DeviceId> cohort);

/// <summary>
/// Decides when a round ends: zero or less, now (with no update: wait); later, ask again then; null, wait for updates;
/// <see cref="Barrier.Void"/>, now and without its updates.
/// </summary>
/// <param name="round">The round as it stands.</param>
public delegate TimeSpan? Due(in RoundView round);

/// <summary>Says what an update is worth, 0 or more; 0 refuses it.</summary>
/// <param name="update">The update.</param>
/// <param name="round">The round as it stands.</param>
public delegate float Weigh(in UpdateHeader update, in RoundView round);

/// <summary>Says what a device is to do differently from now on.</summary>
/// <param name="device">The device.</param>
/// <param name="round">The round that begins.</param>
public delegate Directive Direct(in DeviceView device, in RoundView round);

/// <summary>The five decisions of federated training: who, when, worth, how, what next. Each is a pure function of its arguments.</summary>
/// <param name="Select">Who is invited.</param>
/// <param name="Due">When a round ends.</param>
/// <param name="Weigh">What an update is worth.</param>
/// <param name="Apply">How the new model is made.</param>
/// <param name="Direct">What a device does next.</param>
public sealed record Rounds(Select Select, Due Due, Weigh Weigh, Apply Apply, Direct Direct)
{
    /// <summary>
    /// True (default): an update that was learned from an earlier version than the newest is weighed like any other. False: it is refused
    /// as <c>late-round</c>.
    /// </summary>
    public bool TakesLate { get; init; } = true;

    /// <summary>
    /// Devices that announce that they have data before the first version is made, which holds the initial model and the fleet's scale.
    /// 0 (default): the first round is one like the others. Devices, 0 or more.
    /// </summary>
    public int Enroll { get; init; }
}

/// <summary>Rules of direction.</summary>
public static class Directives
{
    /// <summary>Every device goes on as it does.</summary>
    public static Direct Unchanged { get; } = static (in DeviceView device, in RoundView round) => Directive.Unchanged;

    /// <summary>Every device is told the same.</summary>
    /// <param name="directive">What.</param>
    public static Direct Same(Directive directive)
    {
        ArgumentNullException.ThrowIfNull(directive);
        return directive == Directive.Unchanged ? Unchanged : (in DeviceView device, in RoundView round) => directive;
    }
}
