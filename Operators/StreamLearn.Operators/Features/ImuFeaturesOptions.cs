using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>Settings of <c>ImuFeatures</c>.</summary>
public sealed record ImuFeaturesOptions : IBlockOptions
{
    /// <summary>Magnitudes have all features except zero crossings, because they are never negative.</summary>
    internal const Feature OfAxes = Feature.Mean | Feature.Deviation | Feature.Min | Feature.Max | Feature.Rms | Feature.MedianDeviation
        | Feature.QuartileRange | Feature.ZeroCrossings | Feature.MeanCrossings | Feature.Energy | Feature.JerkDeviation
        | Feature.Autocorrelation | Feature.DominantFrequency | Feature.SpectralCentroid | Feature.SpectralEntropy;

    /// <summary>Accelerometer channels x, y and z; default none: the three in <c>gn</c> or <c>m/s2</c>, otherwise those whose names begin
    /// with <c>acc</c>.</summary>
    public ImmutableArray<string> Acceleration { get; init; } = [];

    /// <summary>Gyroscope channels x, y and z; default none: the three in <c>rad/s</c> or <c>deg/s</c>, otherwise those whose names begin
    /// with <c>gyr</c>.</summary>
    public ImmutableArray<string> AngularVelocity { get; init; } = [];

    /// <summary>Bands whose power is computed for every axis and magnitude; default 0.3 to 1.5, 3, 5, 10 and 20 Hz, named after their
    /// start: <c>0.3 Hz</c>, <c>1.5 Hz</c> …</summary>
    public ImmutableArray<FrequencyBand> Bands { get; init; } =
        [new("0.3 Hz", 0.3, 1.5), new("1.5 Hz", 1.5, 3), new("3 Hz", 3, 5), new("5 Hz", 5, 10), new("10 Hz", 10, 20)];

    /// <summary>Rows per second, above 0; null (default): (rows − 1) divided by the duration of the window.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>True: a low-pass filter of 0.3 Hz over each window separates gravity, whose means are <c>acc x gravity</c>; acceleration
    /// and magnitude are then those of the body. Default false.</summary>
    public bool SeparateGravity { get; init; }

    /// <summary>True: other float32 channels, such as a barometer, get the features of an axis too, at the end. Default false: they are
    /// removed.</summary>
    public bool IncludeOthers { get; init; }

    /// <inheritdoc />
    public Schema Output(Schema input) => Layout(input).Output;

    /// <summary>Describes the features computed for windows of a schema.</summary>
    /// <param name="input">Columns of the windows.</param>
    /// <exception cref="NotSupportedException">The rate is not given, or gravity is separated.</exception>
    /// <exception cref="SchemaException">The columns do not fit.</exception>
    public FeaturePlan Plan(Schema input) => new(Layout(input), Bands, SamplesPerSecond);

    /// <inheritdoc />
    public int? MaxRows(int? input) => 1;

    /// <inheritdoc />
    public bool Equals(ImuFeaturesOptions? other) => other is not null && SamplesPerSecond == other.SamplesPerSecond
        && SeparateGravity == other.SeparateGravity && IncludeOthers == other.IncludeOthers
        && Acceleration.AsSpan().SequenceEqual(other.Acceleration.AsSpan())
        && AngularVelocity.AsSpan().SequenceEqual(other.AngularVelocity.AsSpan()) && Bands.AsSpan().SequenceEqual(other.Bands.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() =>
        HashCode.Combine(SamplesPerSecond, SeparateGravity, IncludeOthers, Acceleration.Length, AngularVelocity.Length, Bands.Length);

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", Acceleration.Concat(AngularVelocity)
        .Concat(SeparateGravity ? ["without gravity"] : []).Concat(IncludeOthers ? ["and others"] : [])
            .Concat(Bands.Select(b => b.ToString())));

    internal FeatureLayout Layout(Schema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var axes = new ImuAxes(input);
        var acceleration = axes.Find(Acceleration, ["gn", "m/s2"], "acc");
        var angular = axes.Find(AngularVelocity, ["rad/s", "deg/s"], "gyr");
        if (acceleration.IsEmpty && angular.IsEmpty)
        {
            throw new SchemaException(
                $"expected three channels in gn or m/s2 or named acc…, or three in rad/s or deg/s or named gyr…, got {input}");
        }

        SampleRate.Require(input, SamplesPerSecond, needed: true);
        var signals = acceleration.Select(c => Axis(input, c) with { HasGravity = SeparateGravity })
            .Concat(angular.Select(c => Axis(input, c))).ToList();
        List<(int, int)> pairs = [];
        List<FeatureArea> areas = [];
        Add("acc", 0, acceleration.Length);
        Add("gyro", acceleration.Length, angular.Length);
        if (IncludeOthers)
        {
            signals.AddRange(Enumerable.Range(0, input.Fields.Length).Where(c => input.Fields[c].Type == ColumnType.Float32)
                .Except(acceleration).Except(angular).Select(c => Axis(input, c)));
        }

        return new(input, [.. signals], Bands, [.. pairs], [.. areas]);

        void Add(string name, int first, int count)
        {
            if (count == 0) { return; }
            var (x, y, z) = (first, first + 1, first + 2);
            signals.Add(Magnitude($"{name} magnitude", signals, x, y, z));
            pairs.AddRange([(x, y), (x, z), (y, z)]);
            areas.Add(new($"{name} magnitude area", x, y, z));
        }
    }

    internal void Check()
    {
        const string Parameter = "options";
        SampleRate.Check(SamplesPerSecond, Bands, Parameter);
        foreach (var names in new[] { Acceleration, AngularVelocity })
        {
            if (names.IsDefault || names.Length is not (0 or 3) || names.Distinct().Count() != names.Length)
            {
                throw new ArgumentException("expected the names of three channels, x, y and z, or none", Parameter);
            }
        }
    }

    private static FeatureSignal Axis(Schema input, int column)
    {
        var field = input.Fields[column];
        return new(field.Name, field.Unit, field.Nullable, OfAxes, column);
    }

    private static FeatureSignal Magnitude(string name, List<FeatureSignal> signals, int x, int y, int z)
    {
        FeatureSignal[] axes = [signals[x], signals[y], signals[z]];
        if (axes.Any(a => a.Unit != axes[0].Unit))
        {
            var units = string.Join(", ", axes.Select(a => $"{a.Name} [{a.Unit}]"));
            throw new SchemaException($"expected one unit of the axes of the {name}, got {units}");
        }

        return new(name, axes[0].Unit, axes.Any(a => a.Nullable), OfAxes & ~Feature.ZeroCrossings, Channel: -1, (x, y, z));
    }
}
