namespace Tool;

/// <summary>A look at a device, taken every few virtual seconds and at the end. Everything but the backlog is a total so far.</summary>
internal sealed record DeviceSampled : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>Messages that wait on its edges now.</summary>
    public required long Backlog { get; init; }

    /// <summary>Rows that its source made.</summary>
    public required long RowsIn { get; init; }

    /// <summary>Rows that were in at least one window.</summary>
    public required long RowsWindowed { get; init; }

    /// <summary>Rows drawn for training steps.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Updates that it published: messages of one training step or more.</summary>
    public required long Updates { get; init; }

    /// <summary>Bytes that it published.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Bytes of models that it received.</summary>
    public required long BytesDown { get; init; }

    /// <summary>Time in calls.</summary>
    public required double BusySeconds { get; init; }

    /// <summary>Time for which it had no credit for a further update; neither computing nor transfer.</summary>
    public double WaitedSeconds { get; init; }

    /// <summary>Accuracy on its own rows, each answered before it was learned from, 0 to 1; null before the first.</summary>
    public required double? PrequentialAccuracy { get; init; }
}

/// <summary>How slow a device was against the fleet over the whole mode; the last event of a device counts.</summary>
internal sealed record StragglerSeen : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>Time per step over the fleet's median, in the median of all rounds; 1 is ordinary.</summary>
    public required double Score { get; init; }

    /// <summary>Rounds of the mode. Default 0: unknown.</summary>
    public int Rounds { get; init; }

    /// <summary>Rounds at whose end it took twice the fleet's median or more.</summary>
    public int SlowRounds { get; init; }

    /// <summary>Where the time goes: <c>computing</c>, <c>link</c>, or empty.</summary>
    public required string Reason { get; init; }
}

/// <summary>What a mode came to at its cut-off, beside its accuracy and its row ledger.</summary>
internal sealed record FiguresClosed : RunEvent
{
    /// <summary>The last version.</summary>
    public required long Versions { get; init; }

    /// <summary>The best accuracy that one of its models had on rows that no device learned from.</summary>
    public required double BestAccuracy { get; init; }

    /// <summary>The version of that model.</summary>
    public required long BestVersion { get; init; }

    /// <summary>Accuracy of the devices on their own rows, each answered before it was learned from.</summary>
    public required double PrequentialAccuracy { get; init; }

    /// <summary>Rows drawn for training steps.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Bytes of all that the devices published.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Half of the updates in versions were not more versions behind; null without an update.</summary>
    public required long? StalenessP50 { get; init; }

    /// <summary>95 % of the updates in versions were not more versions behind; null without an update.</summary>
    public required long? StalenessP95 { get; init; }

    /// <summary>Where every message of the devices went.</summary>
    public required UpdateLedger Messages { get; init; }

    /// <summary>Rows of windows that nothing was learned from, by reason; a row counts once for each window that it was in.</summary>
    public SortedDictionary<string, long> RowsUnlearned { get; init; } = [];
}

/// <summary>A fault that the run noticed.</summary>
internal sealed record FaultSeen : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary><c>crash</c>, <c>rejoin</c>, <c>stuck</c> or <c>clock</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was noticed and what was done about it, in words.</summary>
    public required string Text { get; init; }
}

/// <summary>Rows that a block of a device dropped in the whole mode.</summary>
internal sealed record RowsDropped : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>The block.</summary>
    public required string Block { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>How many.</summary>
    public required long Rows { get; init; }
}

/// <summary>The row ledger of a mode, closed at its end.</summary>
internal sealed record LedgerClosed : RunEvent
{
    /// <summary>Rows that the sources made.</summary>
    public required long RowsIn { get; init; }

    /// <summary>Rows that were in at least one window, each counted once.</summary>
    public required long RowsWindowed { get; init; }

    /// <summary>Rows in open windows and on edges before them.</summary>
    public required long RowsHeld { get; init; }

    /// <summary>Rows dropped before they were in a window.</summary>
    public required long RowsDropped { get; init; }

    /// <summary>Rows of the data that no source came to read, since the run was given up; no part of <see cref="RowsIn"/>.</summary>
    public long RowsNotRead { get; init; }
}
