namespace StreamLearn.Simulated;

/// <summary>Sampled every few virtual seconds and at the end.</summary>
internal sealed record DeviceSampled : RunEvent
{
    public required string Device { get; init; }
    public required long Backlog { get; init; }         // messages that wait on its edges now
    public required long RowsIn { get; init; }          // that its source made
    public required long RowsWindowed { get; init; }    // that were in at least one window
    public required long RowsTrained { get; init; }     // drawn for training steps
    public required long Updates { get; init; }         // published: messages of one training step or more
    public required long BytesUp { get; init; }
    public required long BytesDown { get; init; }       // of models
    public required double BusySeconds { get; init; }   // in calls
    public double WaitedSeconds { get; init; }          // without credit for a further update; neither computing nor transfer
    public required double? PrequentialAccuracy { get; init; }      // on its own rows, each answered before it was learned from
}

/// <summary>A device's slowness against the fleet over the mode; the last event counts.</summary>
internal sealed record StragglerSeen : RunEvent
{
    internal const double Slow = 2;                 // the score from which on a device is a straggler
    public required string Device { get; init; }
    public required double Score { get; init; }     // time per step over the fleet's median, in the median of all rounds; 1 is ordinary
    public int Rounds { get; init; }                // of the mode; 0: unknown
    public int SlowRounds { get; init; }            // at whose end it took twice the fleet's median or more
    public required string Reason { get; init; }    // where the time goes: computing, link, or empty
}

/// <summary><paramref name="Text"/>: the fault and its handling.</summary>
internal sealed record FaultSeen(string Device, string Kind, string Text) : RunEvent;

/// <summary>Totals over the mode.</summary>
internal sealed record RowsDropped(string Device, string Block, string Reason, long Rows) : RunEvent;
