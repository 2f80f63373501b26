using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace StreamLearn.Operators;

/// <summary>Random convolutions for windows of one shape: 84 fixed, dilated kernels with biases fitted to sample windows. A
/// value.</summary>
/// <remarks> The kernels are all choices of three weights of 2 among nine, the others −1. Each runs over the sum of a few random channels,
/// scaled to a deviation of 1 and zero-padded. A feature is the share of outputs above a bias. Every second kernel omits outputs beyond the
/// ends. Source: Dempster, Schmidt, Webb (2021), MiniRocket. </remarks>
public sealed record RocketKernels
{
    /// <summary>Number of kernels; the number of features is a multiple of it.</summary>
    public const int Count = 84;

    /// <summary>Maximum number of features, 1,008, so that a batch has space for time, label and keys.</summary>
    public const int MaxFeatures = 12 * Count;

    /// <summary>Minimum number of rows per window: the number of weights in a kernel.</summary>
    public const int MinRows = 9;

    private const int MaxRows = 1 << 16;
    private const int Head = 1 + 4 + 4 + 4 + 8;     // version, channels, rows, features, seed
    private const byte Version = 1;
    private const double Golden = 1.6180339887498949;

    private RocketKernels(int channels, int rows, long seed, ImmutableArray<float> scales, ImmutableArray<float> biases) =>
        (Channels, Rows, Seed, Scales, Biases) = (channels, rows, seed, scales, biases);

    /// <summary>Channels in a window, at least 1.</summary>
    public int Channels { get; }

    /// <summary>Rows per window, at least 9.</summary>
    public int Rows { get; }

    /// <summary>Seed of the channel choices.</summary>
    public long Seed { get; }

    /// <summary>The factor of each channel: 1 divided by its sample deviation, or 1 if it is constant.</summary>
    public ImmutableArray<float> Scales { get; }

    /// <summary>Bias of each feature: dilation by dilation, kernel by kernel.</summary>
    public ImmutableArray<float> Biases { get; }

    /// <summary>Features per window.</summary>
    public int Features => Biases.Length;

    /// <summary>Kernels with dilations and channels, in feature order.</summary>
    public ImmutableArray<RocketPlace> Places => [.. new RocketPlan(Channels, Rows, Features, Seed).Places];

    /// <summary>Identifies the features, 1 or more, so that models with different kernels are not mixed.</summary>
    public int Fingerprint
    {
        get
        {
            var hash = SHA256.HashData(Encoding.ASCII.GetBytes(ToText()));
            return Math.Max(1, BinaryPrimitives.ReadInt32LittleEndian(hash) & int.MaxValue);
        }
    }

    /// <summary>Fits scales and biases (quantiles of kernel outputs on random windows) to sample windows. The same windows and seed give
    /// the same bits.</summary>
    /// <param name="windows">Windows in sequence, channel after channel; finite values.</param>
    /// <param name="channels">Channels in a window, 1 to 1,024.</param>
    /// <param name="rows">Rows per window, 9 to 65,536.</param>
    /// <param name="seed">Seed of channels and windows.</param>
    /// <param name="features">Features, 84 to 1,008; rounded down to a multiple of 84.</param>
    /// <exception cref="ArgumentException">An argument is out of range, no whole window is given, or a value is not finite.</exception>
    public static RocketKernels Fit(ReadOnlySpan<float> windows, int channels, int rows, long seed, int features = MaxFeatures)
    {
        Check(channels, rows, features);
        var size = channels * rows;
        if (windows.Length == 0 || windows.Length % size != 0)
        {
            throw new ArgumentException($"expected windows of {size} values, got {windows.Length} values", nameof(windows));
        }

        foreach (var value in windows)
        {
            if (!float.IsFinite(value)) { throw new ArgumentException($"expected finite values, got {value}", nameof(windows)); }
        }

        var scales = ScalesOf(windows, channels, rows);
        var unbiased = new RocketKernels(channels, rows, seed, scales, ImmutableArray.Create(new float[features / Count * Count]));
        var transform = new RocketTransform(unbiased);
        var random = new RandomStream(seed, "rocket-windows");
        var biases = new float[unbiased.Features];
        for (var place = 0; place < transform.Plan.Places.Length; place++)
        {
            var window = windows.Slice(random.NextInt32(windows.Length / size) * size, size);
            var (first, count) = (transform.Plan.Places[place].FirstFeature, transform.Plan.Places[place].Features);
            var outputs = transform.Outputs(window, place);
            outputs.Sort();
            for (var f = first; f < first + count; f++) { biases[f] = (float)SortedSignal.Quantile(outputs, (f + 1) * Golden % 1); }
        }

        return new(channels, rows, seed, scales, ImmutableCollectionsMarshal.AsImmutableArray(biases));
    }

    /// <summary>Returns a string for <see cref="Parse"/>: base64 of version, shape, seed, scales and biases; 5.4 KB for 1,008
    /// features.</summary>
    public string ToText()
    {
        var bytes = new byte[Head + (4 * (Channels + Features))];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), Channels);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), Rows);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), Features);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(13), Seed);
        var at = Head;
        foreach (var value in Scales.AsSpan()) { BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at, 4), value); at += 4; }
        foreach (var value in Biases.AsSpan()) { BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at, 4), value); at += 4; }
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Parses a string from <see cref="ToText"/>; returns null if it is not one.</summary>
    public static RocketKernels? Parse(string? text)
    {
        var bytes = new byte[text is null ? 0 : text.Length];
        if (text is null || !Convert.TryFromBase64String(text, bytes, out var length) || length < Head || bytes[0] != Version)
        {
            return null;
        }

        var (channels, rows, features) = (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(1)),
            BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(5)), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(9)));
        if (!Fits(channels, rows, features) || features % Count != 0 || length != Head + (4 * (channels + features))) { return null; }
        var values = new float[channels + features];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(Head + (4 * i)));
            if (!float.IsFinite(values[i])) { return null; }
        }

        return new(channels, rows, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(13)), [.. values.AsSpan(0, channels)],
            [.. values.AsSpan(channels)]);
    }

    /// <inheritdoc />
    public bool Equals(RocketKernels? other) => other is not null && (Channels, Rows, Seed) == (other.Channels, other.Rows, other.Seed)
        && Scales.AsSpan().SequenceEqual(other.Scales.AsSpan()) && Biases.AsSpan().SequenceEqual(other.Biases.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Channels, Rows, Seed, Features, Biases[0]);

    /// <inheritdoc />
    public override string ToString() =>
        FormattableString.Invariant($"{Features} features of {Channels} channels and {Rows} rows, seed {Seed}");

    private static bool Fits(int channels, int rows, int features) =>
        channels is >= 1 and <= Schema.MaxColumns && rows is >= MinRows and <= MaxRows && features is >= Count and <= MaxFeatures;

    private static void Check(int channels, int rows, int features)
    {
        if (!Fits(channels, rows, features))
        {
            throw new ArgumentException($"expected 1 to {Schema.MaxColumns} channels, {MinRows} to {MaxRows} rows and {Count} to "
                + $"{MaxFeatures} features, got {channels}, {rows} and {features}");
        }
    }

    private static ImmutableArray<float> ScalesOf(ReadOnlySpan<float> windows, int channels, int rows)
    {
        var scales = new float[channels];
        for (var c = 0; c < channels; c++)
        {
            var (count, mean, squares) = (0L, 0.0, 0.0);        // Welford (1962)
            for (var at = c * rows; at < windows.Length; at += channels * rows)
            {
                foreach (var value in windows.Slice(at, rows))
                {
                    var before = value - mean;
                    mean += before / ++count;
                    squares += before * (value - mean);
                }
            }

            var scale = (float)(1 / Math.Sqrt(squares / count));
            scales[c] = float.IsFinite(scale) ? scale : 1;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(scales);
    }
}
