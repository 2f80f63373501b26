namespace StreamLearn.Models;

/// <summary>Predicts times of unmeasured layers from measured layers of the same kind.</summary>
/// <remarks>Per kind and direction, least squares on two features or their logarithms, whichever cross-validates better; fits multiply-adds
/// per second, or seconds if there are none. Throughput stays within four times the measured range, and seconds per value above a quarter
/// of it. A composite layer gets the sum of its parts. Immutable. Source: Kang et al. (2017), Neurosurgeon.</remarks>
public sealed class LayerRegression
{
    private const double MaxBeyond = 4;

    private readonly ImmutableSortedDictionary<string, (Fitted Forward, Fitted Backward)> _kinds;

    private LayerRegression(ImmutableSortedDictionary<string, (Fitted Forward, Fitted Backward)> kinds) => _kinds = kinds;

    internal IEnumerable<string> Kinds => _kinds.Keys;

    /// <summary>Fits the layers of a measured network, without the first and those with an exit.</summary>
    /// <exception cref="ArgumentException">The profile is of another model, or a layer is not from this library.</exception>
    public static LayerRegression Fit(Network network, LayerProfile profile)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(profile);
        return Fit(LayerProfiler.LayersOf(network, profile).AsSpan());
    }

    /// <summary>Ignores composite layers and those that took no time.</summary>
    internal static LayerRegression Fit(params ReadOnlySpan<MeasuredLayer> layers)
    {
        var points = new SortedDictionary<string, List<Point>>(StringComparer.Ordinal);
        foreach (var (layer, input, forward, backward) in layers)
        {
            if (layer is Sequential or Residual || !(forward > 0 && backward > 0)) { continue; }
            var features = LayerFeatures.Of(layer, input);
            if (!points.TryGetValue(features.Kind, out var known)) { points[features.Kind] = known = []; }
            known.Add(new(features, layer.Plan(input).MultiplyAdds, forward, backward));
        }

        return new(points.ToImmutableSortedDictionary(
            static kind => kind.Key,
            static kind => (Fitted.Of(kind.Value, static p => p.Forward), Fitted.Of(kind.Value, static p => p.Backward)),
            StringComparer.Ordinal));
    }

    /// <summary>Returns the times forward, and backward with input gradient.</summary>
    internal (double Forward, double Backward) Seconds(Layer layer, Shape input)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Seconds(layer, input, isFirst: false);
    }

    /// <summary>Predicts the seconds per row in each layer of a network, exits included; the first layer has no input gradient.</summary>
    /// <exception cref="ArgumentException">The kind of a layer was not measured.</exception>
    public LayerTimes Predict(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var count = network.Layers.Length;
        var (forward, backward, sum) = (new double[count], new double[count], (Forward: 0.0, Backward: 0.0));
        for (var i = 0; i < count; i++)
        {
            sum = Sum(sum, Seconds(network.Layers[i], network.Boundaries[i], isFirst: i == 0));
            if (network.Layout.ExitAfter(i) is >= 0 and var exit)
            {
                sum = Sum(sum, Seconds(network.Exits[exit].Head, network.Boundaries[i + 1], isFirst: false));
            }

            (forward[i], backward[i]) = sum;
        }

        return new([.. forward], [.. backward]);
    }

    private (double Forward, double Backward) Seconds(Layer layer, Shape input, bool isFirst)
    {
        var inner = layer switch { Sequential s => s.Layers, Residual r => r.Layers, _ => default };
        if (inner.IsDefault) { return Alone(layer, input, isFirst); }
        var sum = (0.0, 0.0);
        foreach (var part in inner)
        {
            sum = Sum(sum, Seconds(part, input, isFirst));
            input = part.Plan(input).Output;
            isFirst = false;
        }

        return sum;
    }

    private (double Forward, double Backward) Alone(Layer layer, Shape input, bool isFirst)
    {
        var features = LayerFeatures.Of(layer, input);
        if (!_kinds.TryGetValue(features.Kind, out var kind))
        {
            throw new ArgumentException(
                $"expected a layer of a kind that was measured ({string.Join(", ", Kinds)}), got {layer}", nameof(layer));
        }

        var plan = layer.Plan(input);
        var backward = kind.Backward.Seconds(features, plan.MultiplyAdds);
        var share = !isFirst ? 1 : plan.MultiplyAdds == 0 ? 0
            : plan.BackwardMultiplyAdds(inputs: false) / (double)plan.BackwardMultiplyAdds(inputs: true);
        return (kind.Forward.Seconds(features, plan.MultiplyAdds), share * backward);
    }

    private static (double Forward, double Backward) Sum((double Forward, double Backward) a, (double Forward, double Backward) b) =>
        (a.Forward + b.Forward, a.Backward + b.Backward);

    private readonly record struct Point(LayerFeatures Features, long MultiplyAdds, double Forward, double Backward);

    /// <summary>The throughput or, where it <paramref name="Grows"/>, the seconds (per value in the range), with their range.</summary>
    private readonly record struct Fitted(FittedCurve Curve, bool Grows, double Min, double Max)
    {
        internal static Fitted Of(List<Point> points, Func<Point, double> seconds)
        {
            var values = new (double First, double Second, double Value)[points.Count];
            var (min, max, grows) = (double.PositiveInfinity, 0.0, points[0].MultiplyAdds == 0);
            for (var i = 0; i < values.Length; i++)
            {
                var (point, time) = (points[i], seconds(points[i]));
                values[i] = (point.Features.First, point.Features.Second, grows ? time : point.MultiplyAdds / time);
                min = Math.Min(min, grows ? time / point.Features.First : values[i].Value);
                max = Math.Max(max, values[i].Value);
            }

            return new(FittedCurve.Of(values, grows), grows, min / MaxBeyond, max * MaxBeyond);
        }

        internal double Seconds(LayerFeatures features, long multiplyAdds)
        {
            var value = Curve[features.First, features.Second];
            return Grows ? Math.Max(value, Min * features.First) : multiplyAdds / Math.Clamp(value, Min, Max);
        }
    }
}
