using System.Numerics.Tensors;

namespace StreamLearn.Compression;

internal static class ActivationRanges
{
    private const float AverageShare = 0.1f;

    internal static List<(float Low, float High)> Of(RoundedLayers layers, in Sample rows, QuantizeOptions options)
    {
        List<(float Low, float High)> ranges = [.. layers.Places().Select(static _ => (0f, 0f))];
        var averages = new (float Low, float High)[ranges.Count];
        var batches = 0;
        Run(layers, rows, options, (place, values) =>
        {
            var (least, greatest) = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
            if (!float.IsFinite(least) || !float.IsFinite(greatest))
            {
                throw new ArgumentException($"int8: expected finite activations from calibration rows, got {least} to {greatest}");
            }

            ranges[place] = (Math.Min(ranges[place].Low, least), Math.Max(ranges[place].High, greatest));
            var share = batches == 0 ? 1 : AverageShare;
            averages[place].Low += share * (Math.Min(0, least) - averages[place].Low);
            averages[place].High += share * (Math.Max(0, greatest) - averages[place].High);
            batches += place == averages.Length - 1 ? 1 : 0;
        });
        if (options.Calibration == Calibration.Average) { ranges = [.. averages]; }
        if (options.Calibration is Calibration.Percentile or Calibration.Entropy)
        {
            var histograms = ranges.ConvertAll(static range => new MagnitudeHistogram(Math.Max(-range.Low, range.High)));
            Run(layers, rows, options, (place, values) => histograms[place].Add(values));
            for (var i = 0; i < ranges.Count; i++)
            {
                var most = options.Calibration == Calibration.Percentile ? histograms[i].Holding(0.9999)
                    : histograms[i].MinLoss(ranges[i].Low < 0 && ranges[i].High > 0 ? 128 : 256);
                ranges[i] = (Math.Max(ranges[i].Low, -most), Math.Min(ranges[i].High, most));
            }
        }

        return ranges.ConvertAll(Usable);
    }

    /// <summary>Replaces the empty range of an input that is all zero; any range is correct.</summary>
    private static (float Low, float High) Usable((float Low, float High) range) =>
        Affine8.OfRange(range.Low, range.High) is not null ? range
        : Math.Max(-range.Low, range.High) < 1 ? (0, 1)
        : throw new NotSupportedException($"int8: expected activations in the range of an 8-bit scale, got {range.Low} to {range.High}");

    private static void Run(RoundedLayers rounded, in Sample rows, QuantizeOptions options, CollectRange collect)
    {
        var network = rounded.Network;
        var (size, memory) = (network.Plan.Input.Size, new Workspace());
        var values = new float[Math.Min(rows.Rows, options.BatchRows) * network.Boundaries.Max(static shape => shape.Size)];
        var count = Math.Min(rows.Rows, options.CalibrationRows);
        int[] places = [.. Enumerable.Range(0, network.Layers.Length).Where(i => network.Layers[i] is RoundedActivations)];
        for (var from = 0; from < count; from += options.BatchRows)
        {
            var some = Math.Min(options.BatchRows, count - from);
            var inputs = rows.Features.Slice(from * size, some * size);
            for (var place = 0; place < places.Length; place++)
            {
                var outputs = values.AsSpan(0, some * network.Boundaries[places[place]].Size);
                if (places[place] == 0) { inputs.CopyTo(outputs); }
                else { network.InferLayers(rounded.Values, 0, places[place], inputs, some, outputs, memory); }
                collect(place, outputs);
            }
        }
    }

    private delegate void CollectRange(int place, ReadOnlySpan<float> values);
}
