using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

/// <summary>Compresses trained models. Each method returns a new model and leaves its input unchanged.</summary>
public static partial class ModelCompression
{
    /// <summary>Quantizes a model to 8-bit integers without retraining.</summary>
    /// <remarks>Rounds weights, per output channel, and activations to 256 values of the calibrated range. Folds batch norms into the layer
    /// before. Layers without an integer form, such as other norms, stay float32. The last exit answers; earlier exits are in
    /// <see cref="Int8Network.Rounded"/>, with rounded weights. Source: Jacob et al. (2018).</remarks>
    /// <param name="model">A trained <see cref="Network"/>.</param>
    /// <param name="calibration">Representative rows, 100 to 500; labels are ignored.</param>
    /// <param name="options">Calibration settings; null: defaults.</param>
    /// <exception cref="NotSupportedException">Not a network, or unsupported layer (see message).</exception>
    /// <exception cref="ArgumentException">No row, or non-finite activations or weights.</exception>
    public static LoadedModel Quantize(this LoadedModel model, in Sample calibration, QuantizeOptions? options = null)
    {
        var rounded = Calibrated(model, calibration, options ?? new(), new RoundedActivations().Momentum);
        return Finished(model, rounded);
    }

    /// <summary>Quantizes a model to 8-bit integers and trains it with rounded weights and activations.</summary>
    /// <remarks>Starts like <see cref="Quantize"/>, then trains for some epochs with straight-through gradients; the ranges follow the
    /// batches. Activations are rounded only after an initial share of the steps. Source: Jacob et al. (2018), section 3.</remarks>
    /// <param name="model">A trained <see cref="Network"/>.</param>
    /// <param name="rows">Training rows, with labels or targets.</param>
    /// <param name="options">Training settings; null: defaults.</param>
    /// <exception cref="NotSupportedException">Not a network, or unsupported layer (see message).</exception>
    /// <exception cref="ArgumentException">No row, or non-finite activations or weights.</exception>
    public static LoadedModel QuantizeAware(this LoadedModel model, in Sample rows, QuantizeAwareOptions? options = null)
    {
        options ??= new();
        options.Check();
        var rounded = Calibrated(model, rows, options.Start, options.Momentum);
        rounded = new RoundedTraining(options).Train(rounded, rows);
        return Finished(model, rounded);
    }

    private static RoundedLayers Calibrated(LoadedModel model, in Sample rows, QuantizeOptions options, float momentum)
    {
        ArgumentNullException.ThrowIfNull(model);
        options.Check();
        if (model.Model is not Network network)
        {
            throw new NotSupportedException($"int8: expected a network of layers, got {model.Model.Structure}");
        }

        if (rows.Rows < 1) { throw new ArgumentException("int8: expected at least 1 row to calibrate with, got none", nameof(rows)); }
        if (model.Weights.Values.FirstOrDefault(static value => !float.IsFinite(value)) is not 0 and var wrong)
        {
            throw new ArgumentException($"int8: expected finite weights, got {wrong}", nameof(model));
        }

        var layers = RoundedLayers.Of(network, FoldedLayers.Of(network, model.Weights.Values.AsSpan()), momentum);
        return layers.Ranged(ActivationRanges.Of(layers, rows, options));
    }

    private static LoadedModel Finished(LoadedModel model, RoundedLayers rounded)
    {
        var start = rounded.Network;
        var result = new Int8Network(start);
        var values = result.Kept(rounded.Values);
        return new(
            result,
            model.Weights with
            {
                SchemaHash = result.Plan.SchemaHash,
                Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
            },
            model.Card with { ExitRule = null, ExitPlan = null });
    }
}
