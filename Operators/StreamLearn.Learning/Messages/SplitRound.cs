namespace StreamLearn.Learning;

/// <summary>Ends a device's round of split training and requests the next weights. Immutable.</summary>
/// <remarks>Without batches, it is a request of the device to join.</remarks>
public sealed record SplitRound
{
    /// <summary>Base version of the round; default when joining.</summary>
    public ModelVersion Base { get; init; }

    /// <summary>Batches whose step was made, 0 or more.</summary>
    public int Batches { get; init; }

    /// <summary>Number of rows in these batches, 0 or more, which is the weight in the average. When joining, the number of rows in each
    /// future round; 0: unknown.</summary>
    public int Rows { get; init; }

    /// <summary>Mean loss of these batches over all exits.</summary>
    public float Loss { get; init; }

    /// <summary>Time from the round's start to its last step, by the device's clock.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>True if the device leaves after this round.</summary>
    public bool IsLast { get; init; }

    /// <summary>Mean round-trip time of a batch, including the work on both sides, but without batches that waited for rows; zero if there
    /// is none, as with all layers on the device.</summary>
    public TimeSpan TimePerBatch { get; init; }

    internal static SplitRound? Fields(ref FrameFields f, SplitRound? r)
    {
        var (version, batches, rows) = (f.Version(r?.Base), f.Int(r?.Batches, min: 0), f.Int(r?.Rows, min: 0));
        var (loss, time, timePerBatch) = (f.Single(r?.Loss), f.Time(r?.Time), f.Time(r?.TimePerBatch));
        var isLast = f.Truth(r?.IsLast);
        return !f.HasRead() ? r : new()
        {
            Base = version,
            Batches = batches,
            Rows = rows,
            Loss = loss,
            Time = time,
            TimePerBatch = timePerBatch,
            IsLast = isLast,
        };
    }
}
