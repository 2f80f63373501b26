namespace StreamLearn.Fleets;

/// <summary>The round as it stands: all that the rules may decide by.</summary>
public readonly record struct RoundView
{
    /// <summary>The model version that the round will follow.</summary>
    public required long Version { get; init; }

    /// <summary>True until the first version was made.</summary>
    public bool First { get; init; }

    /// <summary>Updates accepted in this round.</summary>
    public required int Updates { get; init; }

    /// <summary>
    /// Distinct invited devices that have reported in this round, whether their update was accepted or not, and are alive.
    /// </summary>
    public required int Devices { get; init; }

    /// <summary>Distinct invited devices of which an update was accepted in this round.</summary>
    public int Contributors { get; init; }

    /// <summary>
    /// Devices invited to this round that are alive and have announced data. Without a selection a device that joins within a round is
    /// invited to it.
    /// </summary>
    public required int Invited { get; init; }

    /// <summary>Devices that are alive and have announced data.</summary>
    public required int Alive { get; init; }

    /// <summary>Devices that have ever announced data.</summary>
    public required int Known { get; init; }

    /// <summary>Time since the last version; before the first, since the first update.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Median over the invited devices of the time that each is expected to take; null while none is known.</summary>
    public TimeSpan? Predicted { get; init; }

    /// <summary>Versions since the one that an update was learned from, 0 or more.</summary>
    /// <param name="update">The update.</param>
    public long StalenessOf(in UpdateHeader update) => Version - update.BaseVersion;
}
