namespace Tool;

/// <summary>One device of the result.</summary>
internal sealed record DeviceResult
{
    /// <summary>The device.</summary>
    public required string Name { get; init; }

    /// <summary>Share of the scenario's rate.</summary>
    public required double Speed { get; init; }

    /// <summary>Rows that its source made.</summary>
    public required long Rows { get; init; }

    /// <summary>Windows that it cut.</summary>
    public required long Windows { get; init; }

    /// <summary>Rows drawn for training steps; one row is drawn many times.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Updates that it published: messages of one training step or more.</summary>
    public required long Updates { get; init; }

    /// <summary>Announcements and farewells that it published, which bring no step.</summary>
    public long MessagesWithoutSteps { get; init; }

    /// <summary>Accuracy on its own rows, each answered before it was learned from; null without one.</summary>
    public required double? PrequentialAccuracy { get; init; }

    /// <summary>Rows that it answered before it learned from them.</summary>
    public long RowsJudged { get; init; }

    /// <summary>Those answered with their label.</summary>
    public long RowsRight { get; init; }

    /// <summary>Bytes of all that it published.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Time in calls: virtual in the simulation, measured in the dataflow host.</summary>
    public required double BusySeconds { get; init; }

    /// <summary>Time for which it had no credit for a further update: apart from computing and transfer.</summary>
    public double CreditWaitSeconds { get; init; }

    /// <summary>Messages of it that were answered.</summary>
    public long MessagesAnswered { get; init; }

    /// <summary>Connections to the server that it lost, of all of its sessions.</summary>
    public int ConnectionLosses { get; init; }

    /// <summary>Virtual time at which its last block ended; null outside the simulation.</summary>
    public required double? EndedAtVirtualSeconds { get; init; }

    /// <summary><c>learning</c>, <c>slow</c>, <c>crashed</c>, <c>rejoined</c>, <c>done</c>, <c>failed</c>, or why its rows are
    /// refused.</summary>
    public required string State { get; init; }

    /// <summary>Why it stopped before its end; null if it did not.</summary>
    public required string? Failure { get; init; }

    internal static DeviceResult Of(FleetMember member, RunningFleet fleet) => new()
    {
        Name = member.Name,
        Speed = Math.Round(member.Speed, 4),
        Rows = member.RowsMade,
        Windows = member.Windows,
        RowsTrained = member.Total("rows-trained"),
        Updates = fleet.Watch.SentBy(member.Name).Updates,
        MessagesWithoutSteps = fleet.Watch.SentBy(member.Name).Empty,
        PrequentialAccuracy = fleet.Watch.Of(member.Name) is { Rows: > 0 } own ? Math.Round(own.Accuracy, 4) : null,
        RowsJudged = fleet.Watch.Of(member.Name)?.Rows ?? 0,
        RowsRight = fleet.Watch.Of(member.Name)?.Correct ?? 0,
        BytesUp = member.BytesUp,
        BusySeconds = Math.Round(member.Busy.TotalSeconds, 3),
        CreditWaitSeconds = Math.Round(member.Waited.TotalSeconds, 3),
        MessagesAnswered = member.Total("updates-answered"),
        ConnectionLosses = fleet.Connections.LossesOf(member.Name),
        EndedAtVirtualSeconds = member.EndedAt()?.TotalSeconds,
        State = member.State(),
        Failure = member.Failure(),
    };
}
