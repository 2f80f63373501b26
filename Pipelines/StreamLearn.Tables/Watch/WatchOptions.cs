using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

internal sealed record WatchOptions(AnomalyRule Rule, double FalseAlarmRate, double? Threshold)
{
    private const int FileShare = 4;        // a quarter of the rows of a file is taken for usual
    private const int UsualLiveRows = 1000;

    /// <summary>Without files, rows are live.</summary>
    internal LookOptions Look { get; init; } = new();

    /// <summary>Files of normal rows; null: the first rows.</summary>
    internal string? Usual { get; init; }

    /// <summary>First rows to learn from; null: automatic.</summary>
    internal int? LearnRows { get; init; }

    internal int Smoothing { get; init; } = 1;

    internal int MinAlerts { get; init; } = AnomalyWatch.UsualAlerts;

    internal int QuietRows { get; init; } = AnomalyWatch.UsualQuiet;

    /// <summary>Score file; null: standard output for files, none for live rows.</summary>
    internal FileInfo? Out { get; init; }

    /// <summary><paramref name="rows"/>: judgeable rows; null: unlimited. <paramref name="usual"/>: training values.</summary>
    /// <exception cref="ProgramException">Too few rows.</exception>
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
                + (rows is null ? "" : FormattableString.Invariant($", and {rows} can be judged"))
                + (isAllUsual || learned < least ? ""
                    : FormattableString.Invariant($"; the first {learned} would be taken for usual, --learn sets that")),
                ExitCode.DataRefused);
        }

        if (Rule.Channels is { } only && only != channels)
        {
            throw new ProgramException(FormattableString.Invariant($"--channels: expected {only} for this rule, got {channels}"),
                ExitCode.BadCommandLine);
        }

        return new(Rule, channels, new()
        {
            LearnRows = learned,
            FalseAlarmRate = FalseAlarmRate,
            Threshold = Threshold,
            Smoothing = Smoothing,
            UsualRows = usual.IsDefault ? [] : usual,
        });
    }
}
