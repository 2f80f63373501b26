using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Programs;

/// <summary>The aggregator of a fleet: what it learns, and by which rules.</summary>
/// <param name="Topics">The fleet's topics.</param>
/// <param name="Model">What is learned; the same in all the fleet.</param>
/// <param name="Strategy">When a version is made, and of what.</param>
/// <param name="Window">Updates that may be under way to it: of all devices together, and of those that it holds.</param>
public sealed record AggregatorOptions(FleetTopics Topics, IModel Model, Strategy Strategy, int Window)
{
    /// <summary>Bounds, leases and averaging; default their own.</summary>
    public AggregateOptions Rules { get; init; } = new();

    /// <summary>True: it takes updates in pieces, too (<see cref="SensorOptions.PieceBytes"/>). Default false.</summary>
    public bool TakesPieces { get; init; }

    /// <summary>How it trains the last layers of devices that train the first ones alone; null, the default: there are no such
    /// devices.</summary>
    public SplitFleetOptions? Split { get; init; }

    /// <summary>Whether requests of devices that answer together with it have 8-bit values; null, the default: it answers none.</summary>
    public bool? RestHasBytes { get; init; }

    /// <summary>True: it first takes up the newest version that is kept, as one does that has been there before.</summary>
    public bool TakesUpNewest { get; init; }

    /// <summary>Called with each device that it is asked to forget (<see cref="FleetTopics.Forgotten"/>), and forgets; null, the default:
    /// it forgets none.</summary>
    public Action<string>? OnForget { get; init; }

    /// <summary>Called with what each device says of itself; null: nobody asks.</summary>
    public Action<Presence>? OnPresence { get; init; }

    /// <summary>Called with each device that says farewell and the start of it that does; null: nobody asks.</summary>
    public Action<string, long>? OnFarewell { get; init; }

    /// <summary>Called with how each device answered its own rows; null: nobody asks.</summary>
    public Action<DeviceScore>? OnScore { get; init; }

    /// <summary>Called with what each device is told of its updates; null: nobody asks.</summary>
    public Action<Receipt>? OnReceipt { get; init; }

    /// <summary>Called with each round; default: nothing.</summary>
    public Action<Round> OnRound { get; init; } = static _ => { };

    /// <summary>How the models of devices are compared with its own, by names; null, the default: they are not.</summary>
    public ModelCheck? Check { get; init; }

    /// <summary>Where the version in use goes to be kept, once a checkpoint holds it; null: nowhere.</summary>
    public ITransport? Models { get; init; }

    /// <summary>Where it writes down each update that it takes and each round, once a checkpoint holds them; null: nowhere.</summary>
    public ITransport? Ledger { get; init; }
}
