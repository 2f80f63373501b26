namespace StreamLearn.Learning;

/// <summary>A random change of training windows that keeps their class, drawn again in each epoch to prevent overfitting. Compared by
/// value.</summary>
/// <remarks>Source: Um et al. (2017), data augmentation of wearable sensor data.</remarks>
public abstract record Augmentation
{
    /// <summary>Adds noise to every value.</summary>
    /// <param name="share">Standard deviation as a share of the channel's, above 0; default 0.05.</param>
    public static Augmentation Jitter(double share = 0.05) => new Jitter(share);

    /// <summary>Multiplies each channel by a factor near 1, because sensors differ in sensitivity.</summary>
    /// <param name="deviation">Standard deviation of the factors, above 0; default 0.1.</param>
    public static Augmentation Scaling(double deviation = 0.1) => new Scaling(deviation);

    /// <summary>Rotates triples of channels (x, y and z) about a common random axis.</summary>
    /// <param name="maxDegrees">Maximum angle, above 0 to 180; default 30.</param>
    public static Augmentation Rotation(double maxDegrees = 30) => new Rotation(maxDegrees);

    /// <summary>Varies the speed within a window by a sine with a random phase.</summary>
    /// <param name="strength">Maximum change of speed, above 0 and below 1; default 0.2.</param>
    public static Augmentation TimeWarp(double strength = 0.2) => new TimeWarp(strength);

    /// <summary>Stretches a part of a window to the full length.</summary>
    /// <param name="minShare">Smallest part, above 0 and below 1; default 0.8.</param>
    public static Augmentation Crop(double minShare = 0.8) => new Crop(minShare);

    internal abstract void Apply(Span<float> row, Shape shape, ReadOnlySpan<float> deviations, RandomStream random, Span<float> scratch);

    internal abstract void Check(Shape shape);

    private protected static void Require(bool holds, string expected)
    {
        if (!holds) { throw new ArgumentException($"expected {expected}"); }
    }

    private protected static float At(ReadOnlySpan<float> channel, double place)
    {
        var first = Math.Clamp((int)place, 0, channel.Length - 1);
        var second = Math.Min(first + 1, channel.Length - 1);
        return (float)(channel[first] + ((channel[second] - channel[first]) * Math.Clamp(place - first, 0, 1)));
    }
}

internal sealed record Jitter(double Share) : Augmentation
{
    internal override void Check(Shape shape) => Require(Share > 0 && double.IsFinite(Share), "noise above 0");

    internal override void Apply(Span<float> row, Shape shape, ReadOnlySpan<float> deviations, RandomStream random, Span<float> scratch)
    {
        for (var i = 0; i < row.Length; i++) { row[i] += (float)(Share * deviations[i / shape.Samples] * random.NextGaussian()); }
    }
}

internal sealed record Scaling(double Deviation) : Augmentation
{
    internal override void Check(Shape shape) => Require(Deviation > 0 && double.IsFinite(Deviation), "a deviation above 0");

    internal override void Apply(Span<float> row, Shape shape, ReadOnlySpan<float> deviations, RandomStream random, Span<float> scratch)
    {
        for (var c = 0; c < shape.Channels; c++)
        {
            var factor = (float)(1 + (Deviation * random.NextGaussian()));
            foreach (ref var value in row.Slice(c * shape.Samples, shape.Samples)) { value *= factor; }
        }
    }
}

internal sealed record Rotation(double MaxDegrees) : Augmentation
{
    internal override void Check(Shape shape)
    {
        Require(MaxDegrees is > 0 and <= 180, "an angle above 0 and at most 180 degrees");
        Require(shape.Channels % 3 == 0, $"channels in threes for a rotation, got {shape.Channels}");
    }

    internal override void Apply(Span<float> row, Shape shape, ReadOnlySpan<float> deviations, RandomStream random, Span<float> scratch)
    {
        // Rodrigues' formula
        var (x, y, z) = (random.NextGaussian(), random.NextGaussian(), random.NextGaussian());
        var length = Math.Max(1e-12, Math.Sqrt((x * x) + (y * y) + (z * z)));
        (x, y, z) = (x / length, y / length, z / length);
        var angle = random.NextDouble(-MaxDegrees, MaxDegrees) * Math.PI / 180;
        var (sin, cos) = Math.SinCos(angle);
        for (var c = 0; c < shape.Channels; c += 3)
        {
            for (var s = 0; s < shape.Samples; s++)
            {
                ref var a = ref row[(c * shape.Samples) + s];
                ref var b = ref row[((c + 1) * shape.Samples) + s];
                ref var d = ref row[((c + 2) * shape.Samples) + s];
                var along = ((x * a) + (y * b) + (z * d)) * (1 - cos);
                (a, b, d) = (
                    (float)((a * cos) + (((y * d) - (z * b)) * sin) + (x * along)),
                    (float)((b * cos) + (((z * a) - (x * d)) * sin) + (y * along)),
                    (float)((d * cos) + (((x * b) - (y * a)) * sin) + (z * along)));
            }
        }
    }
}

internal sealed record TimeWarp(double Strength) : Augmentation
{
    internal override void Check(Shape shape)
    {
        Require(Strength is > 0 and < 1, "a strength above 0 and below 1");
        Require(shape.Samples > 1, "windows of at least two samples to warp time");
    }

    internal override void Apply(Span<float> row, Shape shape, ReadOnlySpan<float> deviations, RandomStream random, Span<float> scratch)
    {
        var (phase, strength) = (random.NextDouble(0, 2 * Math.PI), random.NextDouble(0, Strength));
        var last = shape.Samples - 1;
        row.CopyTo(scratch);
        for (var s = 0; s <= last; s++)
        {
            // speed 1 + strength · sin over one full period keeps both ends in place
            var turned = 2 * Math.PI * s / last;
            var place = s + (strength * last / (2 * Math.PI) * (Math.Cos(phase) - Math.Cos(turned + phase)));
            for (var c = 0; c < shape.Channels; c++)
            {
                row[(c * shape.Samples) + s] = At(scratch.Slice(c * shape.Samples, shape.Samples), place);
            }
        }
    }
}

internal sealed record Crop(double MinShare) : Augmentation
{
    internal override void Check(Shape shape)
    {
        Require(MinShare is > 0 and < 1, "a share above 0 and below 1");
        Require(shape.Samples > 1, "windows of at least two samples to crop");
    }

    internal override void Apply(Span<float> row, Shape shape, ReadOnlySpan<float> deviations, RandomStream random, Span<float> scratch)
    {
        var share = random.NextDouble(MinShare, 1);
        var last = shape.Samples - 1;
        var start = random.NextDouble(0, (1 - share) * last);
        row.CopyTo(scratch);
        for (var c = 0; c < shape.Channels; c++)
        {
            var channel = scratch.Slice(c * shape.Samples, shape.Samples);
            for (var s = 0; s <= last; s++) { row[(c * shape.Samples) + s] = At(channel, start + (share * s)); }
        }
    }
}
