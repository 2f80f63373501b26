using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Programs;

namespace Tool;

/// <summary>What <c>watch</c> is asked for.</summary>
internal sealed record WatchOptions(AnomalyRule Rule, double FalseAlarmRate, double? Threshold)
{
    private const int FileShare = 4;        // a quarter of the rows of a file is taken for usual
    private const int UsualLiveRows = 1000;

    /// <summary>The rows to watch, in files; both null: they are measured.</summary>
    internal LookOptions Look { get; init; } = new();

    /// <summary>Files of usual rows; null: the first rows are taken for usual.</summary>
    internal string? Usual { get; init; }

    /// <summary>First rows that are taken for usual; null: as many as suit.</summary>
    internal int? LearnRows { get; init; }

    internal int Smoothing { get; init; } = 1;

    /// <summary>Alerts that make an episode.</summary>
    internal int MinAlerts { get; init; } = AnomalyWatch.UsualAlerts;

    /// <summary>Rows without an alert that end it.</summary>
    internal int QuietRows { get; init; } = AnomalyWatch.UsualQuiet;

    /// <summary>Where scores go; null: of files to standard output, of rows that are measured nowhere.</summary>
    internal FileInfo? Out { get; init; }

    /// <summary>The detector of rows of which some are usual. <paramref name="rows"/>: rows that the rule can judge; null: they go
    /// on. <paramref name="usual"/>: values of rows that it learns from at once.</summary>
    /// <exception cref="ProgramException">There are too few.</exception>
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
