using System.Collections.Immutable;
using StreamLearn.Models;

namespace TauDemo;

/// <summary>Rows to learn from, in memory, each of one of ten kinds, by which rows are dealt to nodes: its digit, or the cluster that it
/// lies in.</summary>
internal sealed record TauRows
{
    /// <summary>Kinds: 0 to 9.</summary>
    public const int KindCount = 10;

    /// <summary>Makes rows.</summary>
    /// <exception cref="ArgumentException">There is no row, or a row is not whole.</exception>
    public TauRows(ImmutableArray<float> features, ImmutableArray<int> kinds)
    {
        if (kinds.IsDefaultOrEmpty || features.IsDefaultOrEmpty || features.Length % kinds.Length != 0)
        {
            throw new ArgumentException("expected as many values in each row, and one row at least", nameof(features));
        }

        (Features, Kinds) = (features, kinds);
    }

    /// <summary>Values, <c>[Count, Width]</c>, row-major.</summary>
    public ImmutableArray<float> Features { get; }

    /// <summary>The kind of each row.</summary>
    public ImmutableArray<int> Kinds { get; }

    /// <summary>The class of each row that a model of classes learns; empty, the default, for others.</summary>
    public ImmutableArray<int> Labels { get; init; } = [];

    /// <summary>The value of each row that a model of values learns; empty, the default, for others.</summary>
    public ImmutableArray<float> Targets { get; init; } = [];

    /// <summary>Rows.</summary>
    public int Count => Kinds.Length;

    /// <summary>Values of a row.</summary>
    public int Width => Features.Length / Count;

    /// <summary>The values of one row.</summary>
    public ReadOnlySpan<float> Row(int index) => Features.AsSpan().Slice(index * Width, Width);

    /// <summary>Rows that follow one another, with what each brings along. <paramref name="from"/>: the first, from 0.</summary>
    public Sample Slice(int from, int count)
    {
        var features = Features.AsSpan().Slice(from * Width, count * Width);
        return Labels.IsEmpty
            ? new(features, count) { Targets = Targets.IsEmpty ? default : Targets.AsSpan().Slice(from, count) }
            : new(features, Labels.AsSpan().Slice(from, count));
    }
}
