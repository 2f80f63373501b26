using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>DetectAnomalies</c>.</summary>
public sealed record AnomalyOptions
{
    /// <summary>The float32 columns to watch; empty, the default: all.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Rows at the start that are taken for usual: the first half is learned from, the other half sets the threshold. No alert is
    /// given for them. At least 40, and as many for each half as the rule needs until its scores settle, of T² two a column; default
    /// 10,000.</summary>
    public int LearnRows { get; init; } = 10_000;

    /// <summary>The share of usual rows for which an alert is given, above 0 and below 0.5; default 0.001.</summary>
    public double FalseAlarmRate { get; init; } = 1e-3;

    /// <summary>The score beyond which a row is an alert, in the rule's unit; all of <see cref="LearnRows"/> are then learned from. Null,
    /// the default: it is found from <see cref="FalseAlarmRate"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>How far scores are averaged back: the last one weighs 2/(rows + 1). At least 1; default 1, not at all.</summary>
    public int Smoothing { get; init; } = 1;

    /// <summary>Rows that are known to be usual, value by value and row by row. They are learned from before the first row of the flow, and
    /// <see cref="LearnRows"/> is their number. A row that the rule does not take is not among them. Empty, the default: the first rows of
    /// the flow are taken for usual.</summary>
    public ImmutableArray<float> UsualRows { get; init; } = [];

    /// <summary>True: a third column, <c>channel</c>, says which watched column stands out most in an alert. Default false.</summary>
    public bool NamesChannel { get; init; }

    /// <summary>Rows before those whose scores set the threshold, which go up to <see cref="LearnRows"/>. A rule that judges each row by
    /// those before it needs no more than until its scores settle.</summary>
    internal int TaughtRows(AnomalyRule rule, int channels) => Threshold is not null ? LearnRows
        : Math.Min(LearnRows / 2, rule.SettledRows(channels, LearnRows));

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(LearnRows, 40);
        if (!(FalseAlarmRate is > 0 and < 0.5)) { throw new ArgumentOutOfRangeException(nameof(FalseAlarmRate)); }
        if (Threshold is { } threshold && !double.IsFinite(threshold)) { throw new ArgumentOutOfRangeException(nameof(Threshold)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(Smoothing, 1);
    }

    /// <summary>Rows that a rule needs of some columns, for what it learns and for the threshold.</summary>
    internal int LeastRows(AnomalyRule rule, int channels) => (Threshold is null ? 2 : 1) * rule.MinRows(channels);

    internal void CheckRows(AnomalyRule rule, int channels) =>
        ArgumentOutOfRangeException.ThrowIfLessThan(LearnRows, LeastRows(rule, channels));

    /// <summary>True if usual rows, where some are given, have so many values.</summary>
    internal bool FitsUsual(int channels) => UsualRows.IsDefaultOrEmpty || UsualRows.Length == (long)LearnRows * channels;

    /// <summary>Eight digits that other usual rows do not have, so that a state is not taken for one that learned from them.</summary>
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
