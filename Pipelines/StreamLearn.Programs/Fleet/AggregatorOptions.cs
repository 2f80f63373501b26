using StreamLearn.Fleets;

namespace StreamLearn.Programs;

internal sealed record AggregatorOptions(FleetTopics Topics, IModel Model, Strategy Strategy, int Window)
{
    public AggregateOptions Rules { get; init; } = new();

    /// <summary>True if it also accepts updates in pieces (<see cref="SensorOptions.PieceBytes"/>). Default false.</summary>
    public bool TakesPieces { get; init; }

    /// <summary>Training of the last layers for devices that train only the first; default null: none.</summary>
    public SplitFleetOptions? Split { get; init; }

    /// <summary>True if requests for shared answering carry 8-bit values; default null: it answers no requests.</summary>
    public bool? RestHasBytes { get; init; }

    /// <summary>True to start from the retained newest version, as after an earlier run.</summary>
    public bool ResumesFromRetained { get; init; }

    /// <summary>Called with each device that is forgotten on request (<see cref="FleetTopics.Forgotten"/>); default null: requests are
    /// ignored.</summary>
    public Action<string>? OnForget { get; init; }

    public Action<Presence>? OnPresence { get; init; }

    public Action<string, long>? OnDeviceLeft { get; init; }

    public Action<DeviceScore>? OnScore { get; init; }

    /// <summary>Called with what devices tell their owner; default null.</summary>
    public Action<DeviceNews>? OnNews { get; init; }

    /// <summary>Called with each receipt for a device's updates; default null.</summary>
    public Action<Receipt>? OnReceipt { get; init; }

    public Action<Round> OnRound { get; init; } = static _ => { };

    public ModelCheck? Check { get; init; }

    /// <summary>Storage for the version in use, written once a checkpoint includes it; null for none.</summary>
    public ITransport? Models { get; init; }

    /// <summary>Ledger of each accepted update and round, written once a checkpoint includes them; null for none.</summary>
    public ITransport? Ledger { get; init; }
}
