using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>Chooses who is invited to a round.</summary>
/// <param name="fleet">The fleet.</param>
/// <param name="random">The only dice.</param>
/// <param name="cohort">Empty; receives those invited.</param>
public delegate void Select(in FleetView fleet, RandomStream random, List<DeviceId> cohort);

/// <summary>Decides when a round ends: zero or less, now (with no update: wait); later, ask again then; null, wait for updates.</summary>
/// <param name="round">The round as it stands.</param>
public delegate TimeSpan? Due(in RoundView round);

/// <summary>Says what an update is worth, 0 or more; 0 refuses it.</summary>
/// <param name="update">The update.</param>
/// <param name="round">The round as it stands.</param>
public delegate float Weigh(in UpdateHeader update, in RoundView round);

/// <summary>Says what a device is to do differently from now on.</summary>
/// <param name="device">The device.</param>
/// <param name="round">The round as it stands.</param>
public delegate Directive Direct(in DeviceView device, in RoundView round);

/// <summary>Makes the new model of the updates. It has no fields that change: what it remembers is in the state's slots.</summary>
public abstract class Apply
{
    /// <summary>True: updates are added as they come. False: it needs the whole set, which comes ordered by device.</summary>
    public abstract bool Streams { get; }

    /// <summary>Takes one update in.</summary>
    /// <param name="state">The state.</param>
    /// <param name="update">The update.</param>
    public abstract void Add(ServerState state, in WeightedUpdate update);

    /// <summary>Moves the model by what was added, at least one update, and clears that.</summary>
    /// <param name="state">The state.</param>
    public abstract void Finish(ServerState state);
}

/// <summary>The five decisions of federated training: who, when, worth, how, what next. Each is a pure function of its arguments.</summary>
/// <param name="Select">Who is invited.</param>
/// <param name="Due">When a round ends.</param>
/// <param name="Weigh">What an update is worth.</param>
/// <param name="Apply">How the new model is made.</param>
/// <param name="Direct">What a device does next.</param>
public sealed record Rounds(Select Select, Due Due, Weigh Weigh, Apply Apply, Direct Direct);

/// <summary>Rules of selection.</summary>
public static class Selection
{
    /// <summary>All devices that are alive.</summary>
    public static Select Everyone { get; } = static (in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
        cohort.AddRange(fleet.Alive);
}

/// <summary>Rules of direction.</summary>
public static class Directives
{
    /// <summary>Every device goes on as it does.</summary>
    public static Direct Unchanged { get; } = static (in DeviceView device, in RoundView round) => Directive.Unchanged;
}
