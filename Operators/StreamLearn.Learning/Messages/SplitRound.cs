namespace StreamLearn.Learning;

/// <summary>Ends a device's round of split training and requests the next weights. Immutable.</summary>
/// <remarks>Without batches, the device joins.</remarks>
public sealed record SplitRound
{
    /// <summary>Base version of the round; default when joining.</summary>
    public ModelVersion Base { get; init; }

    /// <summary>Batches whose step was made, 0 or more.</summary>
    public int Batches { get; init; }

    /// <summary>Rows of these batches, 0 or more: the averaging weight. When joining, the rows of each future round; 0: unknown.</summary>
    public int Rows { get; init; }

    /// <summary>Mean loss of these batches over all exits.</summary>
    public float Loss { get; init; }

    /// <summary>Time from the round's start to its last step, by the device's clock.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>True if the device leaves after this round.</summary>
    public bool IsLast { get; init; }

    /// <summary>Mean round trip of a batch, with the work on both sides, excluding batches that waited for rows; zero if none, as with all
    /// layers on the device.</summary>
    public TimeSpan TimePerBatch { get; init; }
}
