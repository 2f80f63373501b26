using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>A channel of a window, or the magnitude √(x² + y² + z²) of three signals.</summary>
internal sealed record FeatureSignal(string Name, Unit Unit, bool Nullable, Feature Features, int Channel,
    (int X, int Y, int Z) Axes = default, bool HasGravity = false);

internal sealed record FeatureArea(string Name, int X, int Y, int Z);

internal sealed class FeatureLayout
{
    /// <exception cref="SchemaException">There would be no features, too many, or two columns with the same name.</exception>
    internal FeatureLayout(Schema input, ImmutableArray<FeatureSignal> signals, ImmutableArray<FrequencyBand> bands,
        ImmutableArray<(int First, int Second)> pairs, ImmutableArray<FeatureArea> areas)
    {
        (Input, Signals, Pairs, Areas) = (input, signals, pairs, areas);
        Places = [.. signals.Select(s => FeatureColumns.Places(s.Features, bands).ToArray())];
        var features = signals.SelectMany((s, i) => Places[i].Select(p => FeatureColumns.Column(s, p, bands)))
            .Concat(pairs.Select(p => Correlation(signals[p.First], signals[p.Second])))
            .Concat(areas.Select(a => Area(a, signals)))
            .Concat(signals.Where(s => s.HasGravity).Select(s => new Field($"{s.Name} gravity", ColumnType.Float32, s.Unit, s.Nullable)))
            .ToList();
        if (features.Count == 0) { throw new SchemaException($"expected a float32 channel to compute features from, got {input}"); }
        var privacy = input.Fields.Max(static f => f.Type == ColumnType.Float32 ? f.Privacy : PrivacyLabel.Public);
        Output = WindowColumns.Around(input, features.Select(f => f with { Privacy = privacy }));
        FirstFeature = Output.IndexOf(features[0].Name);
        Passing = [.. input.Fields.Select(f => WindowColumns.Pass(f) ? Output.IndexOf(f.Name) : -1)];
    }

    internal Schema Input { get; }

    internal Schema Output { get; }

    internal ImmutableArray<FeatureSignal> Signals { get; }

    internal int[][] Places { get; }

    internal ImmutableArray<(int First, int Second)> Pairs { get; }

    internal ImmutableArray<FeatureArea> Areas { get; }

    internal int FirstFeature { get; }

    /// <summary>For each input column, the output column that keeps its last value; −1: none.</summary>
    internal int[] Passing { get; }

    private static Field Correlation(FeatureSignal a, FeatureSignal b) =>
        new($"{a.Name} {b.Name} correlation", ColumnType.Float32, Unit.One, a.Nullable || b.Nullable);

    private static Field Area(FeatureArea area, ImmutableArray<FeatureSignal> signals) => new(area.Name, ColumnType.Float32,
        signals[area.X].Unit, signals[area.X].Nullable || signals[area.Y].Nullable || signals[area.Z].Nullable);
}
