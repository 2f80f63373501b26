using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>Decides, round after round, what all devices do next, and when learning ends. It remembers what rounds have shown.</summary>
/// <remarks>The rule is a value; what it remembers is an <see cref="ISteering"/> of its own for each aggregator.</remarks>
public abstract record Steer : Rule
{
    /// <summary>Nothing is steered: <see cref="Direct"/> says what devices do.</summary>
    public static Steer None { get; } = new Unsteered();

    /// <summary>What is remembered at the beginning; null: nothing is.</summary>
    /// <param name="model">The model that is learned.</param>
    public abstract ISteering? Begin(IModel model);
}

/// <summary>The rule of <see cref="Steer.None"/>.</summary>
internal sealed record Unsteered : Steer
{
    public override ISteering? Begin(IModel model) => null;
}

/// <summary>What a <see cref="Steer"/> remembers, and what it has decided. No clock is asked: times come with rounds.</summary>
public interface ISteering
{
    /// <summary>What all devices are told with the next version.</summary>
    Directive Directive { get; }

    /// <summary>The version in use from now on; null: what <see cref="AggregateOptions.Averaging"/> gives.</summary>
    Weights? InUse { get; }

    /// <summary>The best version so far, where versions are judged; default null.</summary>
    BestSoFar? Best => null;

    /// <summary>True once learning has ended: no update is taken any more, and no version made.</summary>
    bool HasEnded { get; }

    /// <summary>Takes in a round that has ended.</summary>
    /// <param name="round">What it has shown.</param>
    void After(in SteeredRound round);

    /// <summary>The data of the devices have changed: what rounds have shown of them counts no more.</summary>
    void Restart();

    /// <summary>Tells what it goes by, for gauges: a name and a value each.</summary>
    /// <param name="gauge">Takes one.</param>
    void Show(Action<string, double> gauge);

    /// <summary>What it remembers.</summary>
    /// <param name="s">Writes each value, or assigns it.</param>
    /// <exception cref="StateException">What is read is of another form.</exception>
    void State(ref StateStream s);
}

/// <summary>What a round has shown to a <see cref="Steer"/>.</summary>
public readonly ref struct SteeredRound
{
    /// <summary>The version that the round made.</summary>
    public required Weights Made { get; init; }

    /// <summary>The model in use if nothing is steered: an average of versions.</summary>
    public Weights Averaged { get => field ?? Made; init; }

    /// <summary>The updates that went into it, and the reports of devices that judge, in the order of devices.</summary>
    public required ReadOnlySpan<SteeredUpdate> Updates { get; init; }

    /// <summary>Time from the version before to this one.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Devices that the version goes to.</summary>
    public required int Devices { get; init; }

    /// <summary>Bytes of the updates that were refused in the round; copies of others are not among them.</summary>
    public long RefusedBytes { get; init; }
}

/// <summary>What an update has shown to a <see cref="Steer"/>.</summary>
/// <param name="Update">The update, without its values.</param>
/// <param name="Bytes">Its size, with them. Bytes.</param>
public readonly record struct SteeredUpdate(WeightDelta Update, long Bytes)
{
    internal static int Order(SteeredUpdate a, SteeredUpdate b)
    {
        var devices = string.CompareOrdinal(a.Update.Device, b.Update.Device);
        return devices != 0 ? devices : (a.Update.Epoch, a.Update.Sequence).CompareTo((b.Update.Epoch, b.Update.Sequence));
    }
}
