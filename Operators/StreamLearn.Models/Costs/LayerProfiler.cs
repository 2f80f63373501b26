using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>Measures a model's layers on this machine.</summary>
/// <remarks>Takes each layer's median over random batches on one thread. The first measurement includes just-in-time compilation; repeat
/// until times stop falling.</remarks>
public static class LayerProfiler
{
    /// <summary>Measures the layers of a model.</summary>
    /// <param name="model">The model; its initial weights are used.</param>
    /// <param name="rows">Batch rows, at least 1; larger batches are faster per row.</param>
    /// <param name="time">The clock.</param>
    /// <param name="warmUp">Warm-up passes, 0 or more; default 3.</param>
    /// <param name="repeat">Measured passes, at least 1; default 10.</param>
    /// <param name="cancellationToken">Cancels between two layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static LayerProfile Measure(ISplitModel model, int rows, TimeProvider time, int warmUp = 3, int repeat = 10,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(warmUp);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeat, 1);
        var passes = new ProfiledPasses(model, rows, time, model.PartCount);
        for (var pass = 0; pass < warmUp + repeat; pass++) { passes.Run(pass < warmUp, cancellationToken); }
        return new(LayerCosts.Of(model), passes.Medians(), rows, Environment.MachineName, time.GetUtcNow());
    }

    /// <summary>Measures one layer, with its input gradient.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of an input row.</param>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="time">The clock.</param>
    /// <param name="warmUp">Warm-up passes, 0 or more; default 3.</param>
    /// <param name="repeat">Measured passes, at least 1; default 10.</param>
    /// <exception cref="ArgumentException">Layer and shape do not fit, or a number is out of range.</exception>
    public static MeasuredLayer Measure(Layer layer, Shape input, int rows, TimeProvider time, int warmUp = 3, int repeat = 10)
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

    /// <summary>Returns a profile's layers for <see cref="LayerRegression"/>, without the first and layers with an exit.</summary>
    /// <param name="network">The model.</param>
    /// <param name="profile">Its profile.</param>
    /// <exception cref="ArgumentException">The profile is of another model.</exception>
    public static ImmutableArray<MeasuredLayer> LayersOf(Network network, LayerProfile profile)
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
