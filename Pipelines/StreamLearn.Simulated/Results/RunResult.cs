namespace StreamLearn.Simulated;

internal sealed record RunResult
{
    public required string Mode { get; init; }          // async or barrier, with suffix -1x if recordings are played at their own speed
    public required double Accuracy { get; init; }      // accuracy of the chosen version, full network
    public double Kappa { get; init; }
    public long Version { get; init; }                  // the version in the model's file, found best by held-back devices, or the last
    public double AccuracyOfLast { get; init; }
    public double BestAccuracy { get; init; }           // accuracy of the best of its models on unseen devices, in hindsight
    public long BestVersion { get; init; }
    public required double? SecondsToTarget { get; init; }      // virtual seconds; null if not reached
    public required double? VirtualSecondsToTarget { get; init; }
    public double CutOffSeconds { get; init; }          // seconds from the start of the run to the time of these numbers
    public required long Versions { get; init; }
    public double PrequentialAccuracy { get; init; }    // accuracy of the devices on their own rows, each answered before learning
    public long RowsIn => Ledger.In;
    public long RowsWindowed => Ledger.Windowed;
    public long RowsHeld => Ledger.Held;
    public SortedDictionary<string, long> RowsDropped => Ledger.Dropped;
    public long RowsNotRead { get; init; }              // 0, since virtual time ends a run, not its data
    public long RowsTrained => Ledger.Trained;
    public UpdateLedger Messages { get; init; } = new() { Messages = 0, Updates = 0, Applied = 0 };
    public long BytesUp { get; init; }
    public double BytesPerUpdate { get; init; }
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
            Accuracy = run.Chosen.Accuracy,
            Kappa = run.Chosen.Kappa,
            Version = run.Run.Chosen.Version,
            AccuracyOfLast = run.Final.Accuracy,
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
            BytesPerUpdate = cut.BytesPerUpdate,
            StalenessP50 = run.Facts.StalenessP50,
            StalenessP95 = run.Facts.StalenessP95,
            WeightsSha256 = run.Run.Chosen.Sha256(),
            WallSeconds = Math.Round(run.Run.Wall.TotalSeconds, 3),
        };
    }
}
