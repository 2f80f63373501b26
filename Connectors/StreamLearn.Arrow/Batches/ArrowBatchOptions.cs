using System.Collections.Immutable;

namespace StreamLearn.Arrow;

/// <summary>How Arrow columns are converted to those of a pipeline.</summary>
public sealed record ArrowBatchOptions
{
    /// <summary>The column that is the event time, a timestamp; null (default): the one named <c>time</c>, or else the only
    /// timestamp.</summary>
    public string? Time { get; init; }

    /// <summary>The columns to take, by name and in this order; empty (default): all, in theirs.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>True (default): columns that a batch cannot hold, such as texts, are left out; false: they are refused. A column that
    /// <see cref="Columns"/> names is refused in any case.</summary>
    public bool LeavesOut { get; init; } = true;

    /// <summary>True: float64 becomes float32, so that it is a channel, except the column <c>target</c>; default false.</summary>
    public bool Narrows { get; init; }
}
