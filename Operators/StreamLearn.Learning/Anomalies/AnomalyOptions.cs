using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>DetectAnomalies</c>.</summary>
public sealed record AnomalyOptions
{
    /// <summary>The float32 columns to watch; empty, the default: all.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Rows at the start that are assumed to be usual and raise no alert. The first half trains the rule, the second sets the
    /// threshold. At least 40; each half needs the minimum of the rule (T²: two per column); default 10,000.</summary>
    public int LearnRows { get; init; } = 10_000;

    /// <summary>Share of usual rows that raise an alert, above 0 and below 0.5; default 0.001.</summary>
    public double FalseAlarmRate { get; init; } = 1e-3;

    /// <summary>Fixed alert threshold, in the rule's unit; all <see cref="LearnRows"/> are then learned from. Null, the default: derived
    /// from <see cref="FalseAlarmRate"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>Rows over which scores are averaged, where the last has the weight 2/(rows + 1). Default 1: no averaging.</summary>
    public int Smoothing { get; init; } = 1;

    /// <summary>Known usual rows, row by row, which are learned before the flow. <see cref="LearnRows"/> is their number, and the rule must
    /// accept all of them. Empty (default): the first rows of the flow are assumed to be usual.</summary>
    public ImmutableArray<float> UsualRows { get; init; } = [];

    /// <summary>True: adds a column <c>channel</c> with the column that contributes most to an alert. Default false.</summary>
    public bool NamesChannel { get; init; }

    /// <summary>Rules that score each row by earlier ones need rows only to settle.</summary>
    internal int TaughtRows(AnomalyRule rule, int channels) => Threshold is not null ? LearnRows
        : Math.Min(LearnRows / 2, rule.SettledRows(channels, LearnRows));

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(LearnRows, 40);
        if (!(FalseAlarmRate is > 0 and < 0.5)) { throw new ArgumentOutOfRangeException(nameof(FalseAlarmRate)); }
        if (Threshold is { } threshold && !double.IsFinite(threshold)) { throw new ArgumentOutOfRangeException(nameof(Threshold)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(Smoothing, 1);
    }

    internal int LeastRows(AnomalyRule rule, int channels) => (Threshold is null ? 2 : 1) * rule.MinRows(channels);

    internal void CheckRows(AnomalyRule rule, int channels) =>
        ArgumentOutOfRangeException.ThrowIfLessThan(LearnRows, LeastRows(rule, channels));

    internal bool FitsUsual(int channels) => UsualRows.IsDefaultOrEmpty || UsualRows.Length == (long)LearnRows * channels;

    /// <summary>Identifies the usual rows, so that a state learned from others is refused.</summary>
    private string Mark => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(UsualRows.AsSpan())))[..8];

    /// <inheritdoc />
    public bool Equals(AnomalyOptions? other) => other is not null && LearnRows == other.LearnRows
        && FalseAlarmRate == other.FalseAlarmRate && Threshold == other.Threshold && Smoothing == other.Smoothing
        && NamesChannel == other.NamesChannel
        && Columns.AsSpan().SequenceEqual(other.Columns.AsSpan())
        && UsualRows.AsSpan().SequenceEqual(other.UsualRows.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Columns.Length, LearnRows, FalseAlarmRate, Threshold, Smoothing, NamesChannel);

    /// <inheritdoc />
    public override string ToString() => (Columns.Length == 0 ? "" : $"of {string.Join(", ", Columns)}, ")
        + FormattableString.Invariant($"{LearnRows} {(UsualRows.IsDefaultOrEmpty ? "rows to learn" : $"usual rows {Mark}")}, ")
        + FormattableString.Invariant($"{(Threshold is null ? "rate" : "beyond")} {Threshold ?? FalseAlarmRate}")
        + (Smoothing > 1 ? $", smoothed over {Smoothing}" : "");
}
