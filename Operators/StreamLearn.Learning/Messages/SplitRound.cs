using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>What a device did in a round of split training: it ends the round, and asks for the weights of the next one.
/// Immutable.</summary>
/// <remarks>Without batches it joins: it has trained on nothing yet.</remarks>
public sealed record SplitRound
{
    /// <summary>The version that the round began with; the default where it joins.</summary>
    public ModelVersion Base { get; init; }

    /// <summary>Batches of the round whose step was made, 0 or more.</summary>
    public int Batches { get; init; }

    /// <summary>Rows of these batches, 0 or more: the weight of the device in an average. Where it joins, those that each of its rounds
    /// will have, for a planner; 0: it does not say.</summary>
    public int Rows { get; init; }

    /// <summary>Mean loss of these batches, all exits together.</summary>
    public float Loss { get; init; }

    /// <summary>Time from the beginning of the round to its last step, by the device's clock.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>True if the device leaves: it takes no further round.</summary>
    public bool IsLast { get; init; }

    /// <summary>Mean time of a batch over the link and back, with the work on both sides, of those batches that did not wait for rows;
    /// zero if there were none, as with all layers on the device.</summary>
    public TimeSpan TimePerBatch { get; init; }
}
