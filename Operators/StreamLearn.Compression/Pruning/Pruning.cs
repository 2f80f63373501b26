using StreamLearn.Learning;

namespace StreamLearn.Compression;

/// <summary>Pruning of trained networks.</summary>
public static class Pruning
{
    /// <summary>Makes the smallest weights zeros, at once and without training.</summary>
    /// <remarks>Biases, gains and statistics stay. Of equal weights the first become zeros. Source: Han et al. (2015).</remarks>
    /// <param name="trained">The network.</param>
    /// <param name="sparsity">The share of the weights that become zeros, in [0, 1); their number is rounded down.</param>
    /// <param name="scope">Where the smallest are sought; default each layer by itself.</param>
    /// <exception cref="ArgumentException">The sparsity is out of range, or the values are of another network.</exception>
    public static TrainedNetwork Prune(this TrainedNetwork trained, float sparsity, PruneScope scope = PruneScope.Layer)
    {
        ArgumentNullException.ThrowIfNull(trained);
        trained.Check();
        new PruneSchedule(sparsity).Check();
        var (values, mask) = (trained.Copy(), new WeightMask(trained.Network.Plan));
        mask.KeepLargest(values, sparsity, scope);
        mask.Apply(values);
        return trained.With(values);
    }

    /// <summary>Prunes step by step while the network is trained, and keeps training what is left.</summary>
    /// <remarks>Cost: a training step each, and at every change a sort of the weights. Sources: Zhu, Gupta (2017); for regrowth see
    /// <see cref="Regrowth"/>.</remarks>
    /// <param name="trained">The network.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or rows or values are of another network.</exception>
    public static TrainedNetwork Prune(this TrainedNetwork trained, RecordedRows rows, PruneOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        options ??= new();
        trained.Check();
        options.Check();
        var values = trained.Copy();
        var rule = new PruneRule(trained.Network.Plan, options, values);
        Retraining.Run(trained.Network, values, rows, [], options.Retrain, rule);
        rule.End(values);
        return trained.With(values);
    }

    /// <summary>Trains a network further in which zeros stay zeros.</summary>
    /// <param name="trained">The network.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or rows or values are of another network.</exception>
    public static TrainedNetwork Retrain(this TrainedNetwork trained, RecordedRows rows, RetrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        trained.Check();
        var values = trained.Copy();
        Retraining.Run(trained.Network, values, rows, [], options ?? new(), new ZerosRule(trained.Network.Plan, values));
        return trained.With(values);
    }

    /// <summary>Leaves out the least important neurons and channels: a smaller network of the same layers, without training.</summary>
    /// <remarks>
    /// Units of dense layers and convolutions of the trunk are left out, with all that is made with them; heads keep their outputs. An odd
    /// share is rounded so that more are left. A response norm then has other neighbors. The new network's seed is 0, its mask all.
    /// </remarks>
    /// <param name="trained">The network.</param>
    /// <param name="share">The share of each layer's units that is left out, in [0, 1); at least one unit stays.</param>
    /// <param name="score">What tells which matter least; default the norm of their weights.</param>
    /// <exception cref="ArgumentException">The share is out of range, the values are of another network, or a layer (a residual, a group or
    /// layer norm, or one that adds channels) cannot lose units.</exception>
    public static TrainedNetwork PruneUnits(this TrainedNetwork trained, float share, UnitScore score = UnitScore.WeightNorm)
    {
        ArgumentNullException.ThrowIfNull(trained);
        trained.Check();
        new PruneSchedule(share).Check();
        return new SmallerNetwork(trained, share, score).Make();
    }
}
