namespace StreamLearn.Simulated;

/// <summary>A run's result at its cut-off; created once for console, JSON and page.</summary>
internal sealed record RunResult
{
    public required string Mode { get; init; }          // async or barrier; with suffix -1x if recordings play at their own speed
    public required double Accuracy { get; init; }      // of the last model in use, full network
    public double Kappa { get; init; }
    public double BestAccuracy { get; init; }           // of the best of its models
    public long BestVersion { get; init; }
    public required double? SecondsToTarget { get; init; }      // virtual; null: not reached
    public required double? VirtualSecondsToTarget { get; init; }
    public double CutOffSeconds { get; init; }          // from the start of the run to the time of these numbers
    public required long Versions { get; init; }
    public double PrequentialAccuracy { get; init; }    // of the devices on their own rows, each answered before learning from it
    public long RowsIn => Ledger.In;
    public long RowsWindowed => Ledger.Windowed;
    public long RowsHeld => Ledger.Held;
    public SortedDictionary<string, long> RowsDropped => Ledger.Dropped;
    public long RowsNotRead { get; init; }              // 0: virtual time ends a run, not its data
    public long RowsTrained => Ledger.Trained;
    public UpdateLedger Messages { get; init; } = new() { Messages = 0, Updates = 0, Applied = 0 };
    public long BytesUp { get; init; }
    public long? StalenessP50 { get; init; }
    public long? StalenessP95 { get; init; }
    public required string WeightsSha256 { get; init; }
    public required double WallSeconds { get; init; }

    internal RowLedger Ledger { get; init; } = new(0, 0, [], 0, 0);

    internal static RunResult Of(JudgedRun run)
    {
        var cut = run.CutOff;
        return new()
        {
            Mode = run.Mode,
            Accuracy = run.Final.Accuracy,
            Kappa = run.Final.Kappa,
            BestAccuracy = run.Best.Evaluation.Accuracy,
            BestVersion = run.Best.Weights.Version,
            SecondsToTarget = run.ToTarget?.TotalSeconds,
            VirtualSecondsToTarget = run.ToTarget?.TotalSeconds,
            CutOffSeconds = Math.Round(cut.At.TotalSeconds, 3),
            Versions = run.Run.Last.Version,
            PrequentialAccuracy = cut.Devices.Sum(d => (double)d.RowsRight) / Math.Max(1, cut.Devices.Sum(d => d.RowsJudged)),
            Ledger = cut.Rows,
            Messages = cut.Updates,
            BytesUp = cut.Devices.Sum(d => d.BytesUp),
            StalenessP50 = run.Facts.StalenessP50,
            StalenessP95 = run.Facts.StalenessP95,
            WeightsSha256 = run.Run.Last.Sha256(),
            WallSeconds = Math.Round(run.Run.Wall.TotalSeconds, 3),
        };
    }
}
