namespace StreamLearn.Fleets;

/// <summary>The current round, as rules see it.</summary>
public readonly record struct RoundView
{
    /// <summary>The version before the round.</summary>
    public required long Version { get; init; }

    /// <summary>True before the first version.</summary>
    public bool First { get; init; }

    /// <summary>Accepted updates in this round.</summary>
    public required int Updates { get; init; }

    /// <summary>Live invited devices that reported in this round, accepted or not.</summary>
    public required int Devices { get; init; }

    /// <summary>Invited devices with an accepted update in this round.</summary>
    public int Contributors { get; init; }

    /// <summary>Invited live devices that have announced data. Without a selection, also those that join within the round.</summary>
    public required int Invited { get; init; }

    /// <summary>Live devices that have announced data.</summary>
    public required int Alive { get; init; }

    /// <summary>Devices that have ever announced data.</summary>
    public required int Known { get; init; }

    /// <summary>Time since the last version, or since the first update.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Median expected time of the invited devices; null: unknown.</summary>
    public TimeSpan? Predicted { get; init; }

    /// <summary>Returns the number of versions since an update's base, at least 0.</summary>
    /// <param name="update">The update.</param>
    public long StalenessOf(in UpdateHeader update) => Version - update.BaseVersion;
}
