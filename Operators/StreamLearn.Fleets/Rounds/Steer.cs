namespace StreamLearn.Fleets;

/// <summary>Steers all devices in each round by past rounds, and may end learning.</summary>
/// <remarks>The rule is a value; each aggregator's memory is an <see cref="ISteering"/>.</remarks>
public abstract record Steer : Rule
{
    /// <summary>No steering; only <see cref="Direct"/> applies.</summary>
    public static Steer None { get; } = new Unsteered();

    /// <summary>Creates the memory; null: none.</summary>
    /// <param name="model">The trained model.</param>
    public abstract ISteering? Begin(IModel model);
}

internal sealed record Unsteered : Steer
{
    public override ISteering? Begin(IModel model) => null;
}

/// <summary>The memory and the decisions of a <see cref="Steer"/>. It uses no clock: times come with rounds.</summary>
public interface ISteering
{
    /// <summary>Directive for all devices, sent with the next version.</summary>
    Directive Directive { get; }

    /// <summary>The version in use; null: determined by <see cref="AggregateOptions.Averaging"/>.</summary>
    Weights? InUse { get; }

    /// <summary>The best version so far, if versions are judged; default null.</summary>
    (long Version, TimeSpan NoBetterFor)? Best => null;

    /// <summary>True once learning has ended: there are no more updates or versions.</summary>
    bool HasEnded { get; }

    /// <summary>Processes a finished round.</summary>
    /// <param name="round">The round's results.</param>
    void After(in SteeredRound round);

    /// <summary>Forgets past rounds after the devices' data has changed.</summary>
    void Restart();

    /// <summary>Reports the gauges.</summary>
    /// <param name="gauge">Receives a name and a value.</param>
    void Show(Action<string, double> gauge);

    /// <summary>Saves or restores its memory.</summary>
    /// <param name="s">The state stream.</param>
    /// <exception cref="StateException">The saved state has another form.</exception>
    void State(ref StateStream s);
}

/// <summary>A round's results for a <see cref="Steer"/>.</summary>
public readonly ref struct SteeredRound
{
    /// <summary>The version that the round made.</summary>
    public required Weights Made { get; init; }

    /// <summary>The model in use without steering, an average of versions.</summary>
    public Weights Averaged { get => field ?? Made; init; }

    /// <summary>The updates without values and the reports of evaluators, in device order; with the size that each update has with its
    /// values.</summary>
    public required ReadOnlySpan<(WeightDelta Update, long Bytes)> Updates { get; init; }

    /// <summary>Time since the previous version.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Devices that receive the version.</summary>
    public required int Devices { get; init; }

    /// <summary>Bytes of updates refused in the round, without duplicates.</summary>
    public long RefusedBytes { get; init; }
}
