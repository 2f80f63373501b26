namespace StreamLearn.Models;

internal static class LayerProfiler
{
    internal static MeasuredLayer Measure(Layer layer, Shape input, int rows, TimeProvider time, int warmUp = 3, int repeat = 10)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(warmUp);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeat, 1);
        var network = new Network(input, 2, [layer, new Relu()], [new(1, new Sequential(new GlobalMean(), new Dense(2)))]);
        var passes = new ProfiledPasses(network, rows, time, end: 1);
        for (var pass = 0; pass < warmUp + repeat; pass++) { passes.Run(pass < warmUp, CancellationToken.None); }
        var measure = passes.Medians()[0];
        return new(layer, input, measure.ForwardSeconds, measure.BackwardSeconds);
    }

    /// <summary>Returns the layers without the first one and those with an exit.</summary>
    internal static ImmutableArray<MeasuredLayer> LayersOf(Network network, LayerProfile profile)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(profile);
        if (LayerCosts.Of(network) != profile.Costs)
        {
            throw new ArgumentException($"expected a profile of {network.Structure}, got {profile}", nameof(profile));
        }

        var layers = ImmutableArray.CreateBuilder<MeasuredLayer>();
        for (var i = 1; i < network.Layers.Length; i++)
        {
            if (network.Layout.ExitAfter(i) >= 0) { continue; }
            layers.Add(new(network.Layers[i], network.Boundaries[i], profile.Layers[i].ForwardSeconds, profile.Layers[i].BackwardSeconds));
        }

        return layers.ToImmutable();
    }
}
