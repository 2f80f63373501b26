using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>The rows of a node. <paramref name="Rows"/>: which rows of the set it has in each of the cases that may be.</summary>
internal sealed record NodeRows(
    TauModel Model, TauRows Set, DataCase Case, ImmutableSortedDictionary<DataCase, ImmutableArray<int>> Rows)
    : IBlockOptions
{
    /// <summary>A column for each channel, and what the model learns from.</summary>
    public Schema Schema { get; } = Model.Schema;

    /// <summary>The most rows that it has in a case.</summary>
    public int MostRows => Rows.Values.Max(static r => r.Length);

    /// <summary>The fewest rows that it has in a case.</summary>
    public int FewestRows => Rows.Values.Min(static r => r.Length);

    public string State => "the case, and how many of its rows have been handed in";

    public long StateBytes(Schema? input) => 64;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows[Case].Length} rows of case {(int)Case}");
}
