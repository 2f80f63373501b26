namespace StreamLearn.Simulated;

/// <summary>A version's score on rows that no device learned from.</summary>
internal sealed record Judged(long Version, double Accuracy, double Kappa, double Loss, long Rows) : RunEvent;

internal sealed record ConfusionJudged(IReadOnlyList<long> Counts) : RunEvent;

/// <summary>Use of the exits of the last model in use, on rows that no device learned from.</summary>
internal sealed record ExitsJudged : RunEvent
{
    public required string Measure { get; init; }       // measure compared with thresholds: entropy, maximum probability or margin
    public required IReadOnlyList<ExitJudged> Exits { get; init; }      // the exits in order; the last is the full network
    public required double FullNetworkAccuracy { get; init; }           // accuracy if no row leaves early
    public required double MultiplyAddsFraction { get; init; }          // executed multiply-adds divided by those of the full network
    public required double? FullNanosecondsPerRow { get; init; }        // CPU time; null: not measured
    public required double? ExitNanosecondsPerRow { get; init; }
    public string Text { get; init; } = "";     // how the thresholds were chosen
}

/// <summary><paramref name="MultiplyAdds"/>: for a row that leaves here. <paramref name="Threshold"/>: null at the last exit.</summary>
internal sealed record ExitJudged(long Rows, long Correct, long MultiplyAdds, double? Threshold);

/// <summary><paramref name="Updates"/>: in the order of addition.</summary>
internal sealed record VersionMade(long Version, IReadOnlyList<UpdateUsed> Updates) : RunEvent;

/// <summary><paramref name="Staleness"/>: versions between its base and the round.</summary>
internal sealed record UpdateUsed(string Device, long Sequence, long BaseVersion, long Staleness, double Weight, double Norm, long Samples);

internal sealed record UpdateRefused(string Device, string Reason, long Updates = 1) : RunEvent;

/// <summary>Scores per person from whom no device learned.</summary>
internal sealed record PeopleJudged(IReadOnlyList<PersonJudged> People) : RunEvent
{
    public IReadOnlyList<double> Interval { get; init; } = [];      // accuracy on others like them, 95 % confidence; empty: unknown
}

internal sealed record PersonJudged(string Name, long Rows, long Correct);

internal sealed record SeedsJudged(IReadOnlyList<SeedResult> Seeds) : RunEvent;

internal sealed record DoubtRaised(string Kind, string Text) : RunEvent;

internal sealed record FiguresClosed : RunEvent
{
    public required long Versions { get; init; }
    public long? Version { get; init; }                     // in the model's file; null: unknown
    public required double BestAccuracy { get; init; }      // the best of its models on rows that no device learned from
    public required long BestVersion { get; init; }
    public required double PrequentialAccuracy { get; init; }       // accuracy on its own rows, each answered before it is learned from
    public required long RowsTrained { get; init; }
    public required long BytesUp { get; init; }
    public required long? StalenessP50 { get; init; }
    public required long? StalenessP95 { get; init; }
    public required UpdateLedger Messages { get; init; }
    public SortedDictionary<string, long> RowsUnlearned { get; init; } = [];        // rows by reason; a row counts once per window
}

internal sealed record LedgerClosed(long RowsIn, long RowsWindowed, long RowsHeld, long RowsDropped, long RowsNotRead = 0) : RunEvent;
