namespace StreamLearn.Simulated;

/// <summary>Counters of a device, sampled every few virtual seconds and at the end.</summary>
internal sealed record DeviceSampled : RunEvent
{
    public required string Device { get; init; }
    public required long Backlog { get; init; }         // messages waiting on its edges
    public required long RowsIn { get; init; }
    public required long RowsWindowed { get; init; }    // rows in at least one window
    public required long RowsTrained { get; init; }     // rows drawn for training steps
    public required long Updates { get; init; }         // published updates with at least one training step
    public required long BytesUp { get; init; }
    public required long BytesDown { get; init; }       // bytes of received models
    public required double BusySeconds { get; init; }
    public double WaitedSeconds { get; init; }          // seconds without credit for another update, without computing and transfer
    public required double? PrequentialAccuracy { get; init; }      // accuracy on its own rows, each answered before it is learned from
}

/// <summary>How slow a device is relative to the fleet over the mode; the last event counts.</summary>
internal sealed record StragglerSeen : RunEvent
{
    internal const double Slow = 2;                 // minimum score of a straggler
    public required string Device { get; init; }
    public required double Score { get; init; }     // time per step divided by the fleet's median, median of all rounds; 1 is normal
    public int Rounds { get; init; }                // rounds of the mode; 0: unknown
    public int SlowRounds { get; init; }            // rounds in which it needed at least twice the fleet's median
    public required string Reason { get; init; }    // where it spends most of the time: computing, link, or empty
}

/// <summary><paramref name="Text"/>: the fault and its handling.</summary>
internal sealed record FaultSeen(string Device, string Kind, string Text) : RunEvent;

internal sealed record RowsDropped(string Device, string Block, string Reason, long Rows) : RunEvent;
