using StreamLearn.Fleets;

namespace StreamLearn.Programs;

/// <summary>The aggregator of a fleet.</summary>
internal sealed record AggregatorOptions(FleetTopics Topics, IModel Model, Strategy Strategy, int Window)
{
    /// <summary>Bounds, leases and averaging.</summary>
    public AggregateOptions Rules { get; init; } = new();

    /// <summary>True: also accepts updates in pieces (<see cref="SensorOptions.PieceBytes"/>). Default false.</summary>
    public bool TakesPieces { get; init; }

    /// <summary>Training of the last layers for devices that train only the first; default null: none.</summary>
    public SplitFleetOptions? Split { get; init; }

    /// <summary>Whether requests for shared answering carry 8-bit values; default null: it answers none.</summary>
    public bool? RestHasBytes { get; init; }

    /// <summary>True: starts from the retained newest version, as after an earlier run.</summary>
    public bool ResumesFromRetained { get; init; }

    /// <summary>Called with each device forgotten on request (<see cref="FleetTopics.Forgotten"/>); default null: requests are
    /// ignored.</summary>
    public Action<string>? OnForget { get; init; }

    /// <summary>Called with each device's presence; default null.</summary>
    public Action<Presence>? OnPresence { get; init; }

    /// <summary>Called with the device and start of each leave message; default null.</summary>
    public Action<string, long>? OnDeviceLeft { get; init; }

    /// <summary>Called with each device's score on its own rows; default null.</summary>
    public Action<DeviceScore>? OnScore { get; init; }

    /// <summary>Called with each receipt for a device's updates; default null.</summary>
    public Action<Receipt>? OnReceipt { get; init; }

    /// <summary>Called with each round; default: nothing.</summary>
    public Action<Round> OnRound { get; init; } = static _ => { };

    /// <summary>Comparison of device models with its own, by names; default null: none.</summary>
    public ModelCheck? Check { get; init; }

    /// <summary>Store of the version in use, written once a checkpoint holds it; null: none.</summary>
    public ITransport? Models { get; init; }

    /// <summary>Ledger of each accepted update and round, written once a checkpoint holds them; null: none.</summary>
    public ITransport? Ledger { get; init; }
}
