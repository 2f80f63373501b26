namespace StreamLearn.Simulated;

internal sealed record DeviceResult
{
    public required string Name { get; init; }
    public required double Speed { get; init; }         // speed relative to the scenario's rate
    public required long Rows { get; init; }
    public required long Windows { get; init; }
    public required long RowsTrained { get; init; }     // rows drawn for training steps; a row is drawn many times
    public required long Updates { get; init; }         // published updates with at least one training step
    public long MessagesWithoutSteps { get; init; }     // published join and leave messages, which contain no step

    /// <summary>Accuracy on the device's own rows, each answered before it is learned from; null without one.</summary>
    public required double? PrequentialAccuracy { get; init; }

    public long RowsJudged { get; init; }                   // rows that it answered before it learned from them
    public long RowsRight { get; init; }                    // number of these rows answered correctly
    public required long BytesUp { get; init; }             // bytes of everything that it published
    public long UpdateBytes { get; init; }                  // of these, those of updates
    public required double BusySeconds { get; init; }       // virtual time spent in calls

    /// <summary>Time without credit for another update; excludes computing and transfer.</summary>
    public double CreditWaitSeconds { get; init; }

    public long MessagesAnswered { get; init; }
    public int ConnectionLosses { get; init; }      // 0, since there is no server

    public required double? EndedAtVirtualSeconds { get; init; }

    /// <summary><c>learning</c>, <c>slow</c>, <c>crashed</c>, <c>rejoined</c>, <c>done</c>, <c>failed</c>, or why its rows are
    /// refused.</summary>
    public required string State { get; init; }

    public required string? Failure { get; init; }      // why it stopped early; null if it did not

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
        UpdateBytes = member.UpdateBytes,
        BusySeconds = Math.Round(member.Busy.TotalSeconds, 3),
        CreditWaitSeconds = Math.Round(member.Waited.TotalSeconds, 3),
        MessagesAnswered = member.Total("updates-answered"),
        EndedAtVirtualSeconds = member.EndedAt?.TotalSeconds,
        State = member.State,
        Failure = member.Failure,
    };
}
