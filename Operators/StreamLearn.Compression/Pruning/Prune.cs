using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <content>Fewer weights, fewer units.</content>
public static partial class ModelCompression
{
    /// <summary>Makes the smallest weights zeros, at once and without training.</summary>
    /// <remarks>Biases, gains and statistics stay. Of equal weights the first become zeros. Source: Han et al. (2015).</remarks>
    /// <param name="model">The model, a network; it stays as it is.</param>
    /// <param name="sparsity">The share of the weights that become zeros, in [0, 1); their number is rounded down.</param>
    /// <param name="scope">Where the smallest are sought; default each layer by itself.</param>
    /// <exception cref="ArgumentException">The sparsity is out of range, or the values are of another network.</exception>
    /// <exception cref="NotSupportedException">It is no network.</exception>
    public static LoadedModel Prune(this LoadedModel model, float sparsity, PruneScope scope = PruneScope.Layer)
    {
        var network = model.NetworkOf("prune");
        new PruneSchedule(sparsity).Check();
        float[] values = [.. model.Weights.Values];
        var mask = new WeightMask(network.Plan);
        mask.KeepLargest(values, sparsity, scope);
        mask.Apply(values);
        return model.With(network, values);
    }

    /// <summary>Prunes step by step while the network is trained, and keeps training what is left.</summary>
    /// <remarks>Cost: a training step each, and at every change a sort of the weights. Sources: Zhu, Gupta (2017); for regrowth see
    /// <see cref="Regrowth"/>.</remarks>
    /// <param name="model">The model, a network; it stays as it is.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or rows or values are of another network.</exception>
    /// <exception cref="NotSupportedException">It is no network.</exception>
    public static LoadedModel Prune(this LoadedModel model, in Sample rows, PruneOptions? options = null)
    {
        options ??= new();
        var network = model.NetworkOf("prune");
        options.Check();
        float[] values = [.. model.Weights.Values];
        var rule = new PruneRule(network.Plan, options, values);
        Retraining.Run(network, values, rows, options.Retrain, rule);
        rule.End(values);
        return model.With(network, values);
    }

    /// <summary>Trains a network further in which zeros stay zeros.</summary>
    /// <param name="model">The model, a network; it stays as it is.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or rows or values are of another network.</exception>
    /// <exception cref="NotSupportedException">It is no network.</exception>
    public static LoadedModel Retrain(this LoadedModel model, in Sample rows, RetrainOptions? options = null)
    {
        var network = model.NetworkOf("retrain");
        float[] values = [.. model.Weights.Values];
        Retraining.Run(network, values, rows, options ?? new(), new ZerosRule(network.Plan, values));
        return model.With(network, values);
    }

    /// <summary>Leaves out the least important neurons and channels: a smaller network of the same layers, without training.</summary>
    /// <remarks>
    /// Units of dense layers and convolutions of the trunk are left out, with all that is made with them; heads keep their outputs. An odd
    /// share is rounded so that more are left. Before a group norm, each group loses as many. A response norm then has other neighbors. The
    /// new network's seed is 0, its mask all.
    /// </remarks>
    /// <param name="model">The model, a network; it stays as it is.</param>
    /// <param name="share">The share of each layer's units that is left out, in [0, 1); at least one unit stays.</param>
    /// <param name="score">What tells which matter least; default the norm of their weights.</param>
    /// <exception cref="ArgumentException">The share is out of range, or the values are of another network.</exception>
    /// <exception cref="NotSupportedException">It is no network, or a layer (a residual, a layer norm, or one that adds channels)
    /// cannot lose units.</exception>
    public static LoadedModel PruneUnits(this LoadedModel model, float share, UnitScore score = UnitScore.WeightNorm)
    {
        var network = model.NetworkOf("prune units");
        new PruneSchedule(share).Check();
        var (smaller, values) = new SmallerNetwork(network, model.Weights.Values, share, score).Make();
        return model.With(smaller, values);
    }
}
