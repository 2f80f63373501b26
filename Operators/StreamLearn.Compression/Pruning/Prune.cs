namespace StreamLearn.Compression;

/// <content>Removes weights and units.</content>
public static partial class ModelCompression
{
    /// <summary>Sets the smallest weights to zero at once, without training.</summary>
    /// <remarks>Biases, gains and statistics stay. On a tie, the first weights become zero. Source: Han et al. (2015).</remarks>
    /// <param name="model">The network; unchanged.</param>
    /// <param name="sparsity">Share of zeros, in [0, 1); the count is rounded down.</param>
    /// <param name="acrossLayers">True: the smallest weights of the whole network; false (default): the smallest of each layer.</param>
    /// <exception cref="ArgumentException">The sparsity is out of range, or the values do not fit the network.</exception>
    /// <exception cref="NotSupportedException">The model is not a network.</exception>
    public static LoadedModel Prune(this LoadedModel model, float sparsity, bool acrossLayers = false)
    {
        var network = model.NetworkOf("prune");
        new PruneSchedule(sparsity).Check();
        float[] values = [.. model.Weights.Values];
        var mask = new WeightMask(network.Plan);
        mask.KeepLargest(values, sparsity, acrossLayers ? PruneScope.Network : PruneScope.Layer);
        mask.Apply(values);
        return model.With(network, values);
    }

    /// <summary>Prunes gradually during training, then trains the remaining weights.</summary>
    /// <remarks>Cost: training steps, and a sort of the weights at every change. Sources: Zhu, Gupta (2017); for regrowth see
    /// <see cref="Regrowth"/>.</remarks>
    /// <param name="model">The network; unchanged.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Setting out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
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

    /// <summary>Trains a network further; zeros stay zero.</summary>
    /// <param name="model">The network; unchanged.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Setting out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel Retrain(this LoadedModel model, in Sample rows, RetrainOptions? options = null)
    {
        var network = model.NetworkOf("retrain");
        float[] values = [.. model.Weights.Values];
        Retraining.Run(network, values, rows, options ?? new(), new ZerosRule(network.Plan, values));
        return model.With(network, values);
    }

    /// <summary>Removes the least important neurons and channels, without training.</summary>
    /// <remarks>Shrinks the trunk's dense layers and convolutions with everything computed from them; heads keep their outputs. The number
    /// of removed units is rounded down. Before a group norm, every group loses the same number; in a response norm, the neighbors change.
    /// The result has seed 0 and a mask that keeps all.</remarks>
    /// <param name="model">The network; unchanged.</param>
    /// <param name="share">Share removed per layer, in [0, 1); at least one unit stays.</param>
    /// <param name="byGain">True: by the magnitude of the gain in the following batch norm, where there is one (Liu et al., 2017).
    /// False, the default: by the sum of the magnitudes of a unit's weights (Li et al., 2017).</param>
    /// <exception cref="ArgumentException">Share out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network, or a layer (a residual, a layer norm, or one that adds channels) cannot lose
    /// units.</exception>
    public static LoadedModel PruneUnits(this LoadedModel model, float share, bool byGain = false)
    {
        var network = model.NetworkOf("prune units");
        new PruneSchedule(share).Check();
        var (smaller, values) = new SmallerNetwork(network, model.Weights.Values, share, byGain).Make();
        return model.With(smaller, values);
    }
}
