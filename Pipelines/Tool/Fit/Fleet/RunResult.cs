namespace Tool;

/// <summary>What one run of the job came to at its cut-off. Made once; console, JSON and page show it.</summary>
internal sealed record RunResult
{
    /// <summary><c>async</c> or <c>barrier</c>, with <c>-1x</c> where the recordings play at their own speed.</summary>
    public required string Mode { get; init; }

    /// <summary>Accuracy of its last model in use, full network.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Cohen's kappa of the same answers.</summary>
    public double Kappa { get; init; }

    /// <summary>The best accuracy that one of its models had.</summary>
    public double BestAccuracy { get; init; }

    /// <summary>The version of that model.</summary>
    public long BestVersion { get; init; }

    /// <summary>Time from the begin of the run to the target, virtual in the simulation, real elsewhere; null if it was not
    /// reached.</summary>
    public required double? SecondsToTarget { get; init; }

    /// <summary>The same if it is virtual; null if time is real.</summary>
    public required double? VirtualSecondsToTarget { get; init; }

    /// <summary>Seconds from the begin of the run to the moment of these numbers, virtual in the simulation.</summary>
    public double CutOffSeconds { get; init; }

    /// <summary>The last version.</summary>
    public required long Versions { get; init; }

    /// <summary>Accuracy of the devices on their own rows, each answered before it was learned from.</summary>
    public double PrequentialAccuracy { get; init; }

    /// <summary>Rows that the sources made.</summary>
    public long RowsIn { get; init; }

    /// <summary>Rows that were in at least one window, each counted once.</summary>
    public long RowsWindowed { get; init; }

    /// <summary>Rows in open windows and on edges before them.</summary>
    public long RowsHeld { get; init; }

    /// <summary>Rows dropped before they were in a window, by reason.</summary>
    public SortedDictionary<string, long> RowsDropped { get; init; } = [];

    /// <summary>Rows of the data that no source came to read; no part of <see cref="RowsIn"/>.</summary>
    public long RowsNotRead { get; init; }

    /// <summary>Rows drawn for training steps.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Where every message of the devices went.</summary>
    public UpdateLedger Messages { get; init; } = new() { Messages = 0, Updates = 0, Applied = 0 };

    /// <summary>Bytes of all that the devices published.</summary>
    public long BytesUp { get; init; }

    /// <summary>Half of the updates in versions were not more versions behind; null without an update.</summary>
    public long? StalenessP50 { get; init; }

    /// <summary>95 % of the updates in versions were not more versions behind; null without an update.</summary>
    public long? StalenessP95 { get; init; }

    /// <summary>Hash of its last model in use.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>Real time that it took.</summary>
    public required double WallSeconds { get; init; }

    internal static RunResult Of(JudgedRun run, bool isVirtual)
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
            VirtualSecondsToTarget = isVirtual ? run.ToTarget?.TotalSeconds : null,
            CutOffSeconds = Math.Round(cut.At.TotalSeconds, 3),
            Versions = run.Run.Last.Version,
            PrequentialAccuracy = cut.Devices.Sum(d => (double)d.RowsRight) / Math.Max(1, cut.Devices.Sum(d => d.RowsJudged)),
            RowsIn = cut.Rows.In,
            RowsWindowed = cut.Rows.Windowed,
            RowsHeld = cut.Rows.Held,
            RowsDropped = cut.Rows.Dropped,
            RowsNotRead = cut.Rows.NotRead,
            RowsTrained = cut.Rows.Trained,
            Messages = cut.Updates,
            BytesUp = cut.Devices.Sum(d => d.BytesUp),
            StalenessP50 = run.Facts.StalenessP50,
            StalenessP95 = run.Facts.StalenessP95,
            WeightsSha256 = run.Run.Last.Sha256(),
            WallSeconds = Math.Round(run.Run.Wall.TotalSeconds, 3),
        };
    }
}
