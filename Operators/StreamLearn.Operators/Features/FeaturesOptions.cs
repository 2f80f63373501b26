using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>Settings of <c>Features</c>.</summary>
public sealed record FeaturesOptions : IBlockOptions
{
    /// <summary>What is said about every channel; set by the call.</summary>
    public Feature Features { get; init; }

    /// <summary>Bands whose power is said of every channel, with names of their own; default none.</summary>
    public ImmutableArray<FrequencyBand> Bands { get; init; } = [];

    /// <summary>Rows of a second, more than 0; default null: (rows − 1) over the time from a window's first row to its last.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <inheritdoc />
    public Schema Output(Schema input) => Layout(input).Output;

    /// <summary>What is computed of windows of a schema.</summary>
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

    /// <summary>Throws if a setting is out of range.</summary>
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
