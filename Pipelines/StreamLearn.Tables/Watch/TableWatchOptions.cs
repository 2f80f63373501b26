namespace StreamLearn.Tables;

/// <summary>How unusual rows are found.</summary>
public sealed record TableWatchOptions
{
    private const int FileShare = 4;        // the baseline is a quarter of a file's rows
    private const int UsualLiveRows = 1000;

    /// <summary>The rule; default <see cref="AnomalyRule.HotellingT2"/>.</summary>
    public AnomalyRule Rule { get; init; } = AnomalyWatch.Rules[0].Rule;

    /// <summary>Share of normal rows that raise an alert; default null: 0.0001, with trees 0.001.</summary>
    public double? FalseAlarmRate { get; init; }

    /// <summary>The score beyond which a row is an alert, in the unit of the rule; default null: computed from the rate.</summary>
    public double? Threshold { get; init; }

    /// <summary>Files of normal rows to learn from, a path or a pattern; default null: learns from the first rows.</summary>
    public string? Usual { get; init; }

    /// <summary>First rows to learn from; default null: a quarter, at most 10,000.</summary>
    public int? LearnRows { get; init; }

    /// <summary>Number of rows over which scores are averaged; default 1.</summary>
    public int Smoothing { get; init; } = 1;

    /// <summary>Number of nearby alerts that form an episode; default 3.</summary>
    public int MinAlerts { get; init; } = AnomalyWatch.UsualAlerts;

    /// <summary>Rows without an alert that end an episode; default 60.</summary>
    public int QuietRows { get; init; } = AnomalyWatch.UsualQuiet;

    internal double Rate => FalseAlarmRate ?? AnomalyWatch.UsualRateOf(Rule);

    /// <summary><paramref name="rows"/>: rows that can be scored; null if unlimited. <paramref name="usual"/>: training values.</summary>
    /// <exception cref="ProgramException">There are too few rows.</exception>
    internal AnomalyDetector DetectorOf(
        string option, int channels, long? rows, bool isAllUsual, ImmutableArray<float> usual = default)
    {
        var least = AnomalyWatch.MinLearnRows(Rule, channels, Threshold is not null);
        var learned = isAllUsual ? (int)rows!.Value : LearnRows
            ?? Math.Max(least, rows is null ? UsualLiveRows : (int)Math.Min(rows.Value / FileShare, new AnomalyOptions().LearnRows));
        if (rows < least || learned < least || (!isAllUsual && rows <= learned))
        {
            throw new ProgramException(
                FormattableString.Invariant($"{option}: {Rule} of {channels} column{(channels == 1 ? "" : "s")} learns from {least} rows ")
                + "at least"
                + (rows is null ? "" : FormattableString.Invariant($", but only {rows} rows are there"))
                + (isAllUsual || learned < least ? ""
                    : FormattableString.Invariant($"; the first {learned} would be the baseline, --learn sets their number")),
                ProgramExit.DataRefused);
        }

        if (Rule.Channels is { } only && only != channels)
        {
            throw new ProgramException(FormattableString.Invariant($"--channels: expected {only} for this rule, got {channels}"),
                ProgramExit.BadCommandLine);
        }

        return new(Rule, channels, new()
        {
            LearnRows = learned,
            FalseAlarmRate = Rate,
            Threshold = Threshold,
            Smoothing = Smoothing,
            UsualRows = usual.IsDefault ? [] : usual,
        });
    }
}
