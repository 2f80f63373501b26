using System.Runtime.InteropServices;
using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>Trained models made smaller or faster: each method gives a model of its own, and leaves the given one as it is.</summary>
public static partial class ModelCompression
{
    /// <summary>Makes a model that answers with integers of 8 bits, without training it again.</summary>
    /// <remarks>
    /// Weights are rounded for each output channel, activations to the 256 values of a range that calibration rows show; batch norms are
    /// folded into the layer before. Layers that have no integers, such as other norms, stay float32 between the others. The answer is that
    /// of the last exit; those before it are in <see cref="Int8Network.Rounded"/>, with rounded weights. Source: Jacob et al. (2018).
    /// </remarks>
    /// <param name="model">A trained <see cref="Network"/>.</param>
    /// <param name="calibration">Rows like those that will be answered; labels are not looked at. 100 to 500 are enough.</param>
    /// <param name="options">How ranges are found; null: the defaults.</param>
    /// <exception cref="NotSupportedException">It is no network, or has a layer that there is no such form of; the message names
    /// it.</exception>
    /// <exception cref="ArgumentException">There is no row, or activations or weights are not finite.</exception>
    public static LoadedModel Quantize(this LoadedModel model, in Sample calibration, QuantizeOptions? options = null)
    {
        var rounded = Calibrated(model, calibration, options ?? new(), new RoundedActivations().Momentum);
        return Finished(model, rounded);
    }

    /// <summary>Makes a model that answers with integers of 8 bits, and trains it on with rounded weights and activations.</summary>
    /// <remarks>
    /// As <see cref="Quantize"/>, then epochs over the rows: gradients pass straight through the rounding, and ranges follow the batches.
    /// Activations are rounded after a first share of the steps. Source: Jacob et al. (2018), section 3.
    /// </remarks>
    /// <param name="model">A trained <see cref="Network"/>.</param>
    /// <param name="rows">Rows to learn from, with what the model learns from.</param>
    /// <param name="options">How it is trained; null: the defaults.</param>
    /// <exception cref="NotSupportedException">It is no network, or has a layer that there is no such form of; the message names
    /// it.</exception>
    /// <exception cref="ArgumentException">There is no row, or activations or weights are not finite.</exception>
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
