using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>Settings of <c>Features</c>.</summary>
public sealed record FeaturesOptions : IBlockOptions
{
    /// <summary>Features of every channel; set by the call.</summary>
    public Feature Features { get; init; }

    /// <summary>Bands whose power is computed for every channel, with distinct names; default none.</summary>
    public ImmutableArray<FrequencyBand> Bands { get; init; } = [];

    /// <summary>Rows per second, above 0; null (default): (rows − 1) divided by the duration of the window.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <inheritdoc />
    public Schema Output(Schema input) => Layout(input).Output;

    /// <summary>Describes the features computed for windows of a schema.</summary>
    /// <param name="input">Columns of the windows.</param>
    /// <exception cref="NotSupportedException">The rate is not given.</exception>
    /// <exception cref="SchemaException">The columns do not fit.</exception>
    public FeaturePlan Plan(Schema input) => new(Layout(input), Bands, SamplesPerSecond);

    /// <inheritdoc />
    public int? MaxRows(int? input) => 1;

    /// <inheritdoc />
    public bool Equals(FeaturesOptions? other) => other is not null && Features == other.Features
        && SamplesPerSecond == other.SamplesPerSecond && Bands.AsSpan().SequenceEqual(other.Bands.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Features, SamplesPerSecond, Bands.Length);

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", Texts());

    internal FeatureLayout Layout(Schema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        SampleRate.Require(input, SamplesPerSecond, FeatureColumns.NeedRate(Features, Bands));
        var signals = input.Fields.Select((field, column) => (field, column)).Where(c => c.field.Type == ColumnType.Float32)
            .Select(c => new FeatureSignal(c.field.Name, c.field.Unit, c.field.Nullable, Features & ~Feature.Correlations, c.column))
            .ToImmutableArray();
        var pairs = (Features & Feature.Correlations) == 0 ? [] :
            from a in Enumerable.Range(0, signals.Length) from b in Enumerable.Range(a + 1, signals.Length - a - 1) select (a, b);
        return new(input, signals, Bands, [.. pairs], []);
    }

    internal void Check()
    {
        const string Parameter = "options";
        if ((Features & ~Feature.All) != 0)
        {
            throw new ArgumentOutOfRangeException("features", Features, "expected features of the enumeration");
        }

        SampleRate.Check(SamplesPerSecond, Bands, Parameter);
        if (Features == Feature.None && Bands.Length == 0) { throw new ArgumentException("expected features, bands, or both", "features"); }
    }

    private IEnumerable<string> Texts()
    {
        if (Features != Feature.None) { yield return Features.ToString(); }
        foreach (var band in Bands) { yield return band.ToString(); }
        if (SamplesPerSecond is { } rate) { yield return FormattableString.Invariant($"{rate} rows a second"); }
    }
}
