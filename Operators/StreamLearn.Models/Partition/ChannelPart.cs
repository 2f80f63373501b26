using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>
/// Some filters of a convolution, or some outputs of a dense layer: a layer of its own, which needs the whole input. What the parts give is
/// put one after the other.
/// </summary>
/// <remarks>Source: Samikwa, Di Maio, Braun (2023), DISNET; Zhao et al. (2018), DeepThings, for what it costs beside lines.</remarks>
public sealed class ChannelPart
{
    private readonly Range _values;         // of the layer among those of the model
    private readonly int _all;              // filters or outputs of the whole layer

    private ChannelPart(Network network, int layer, Layer part, IndexRange channels, int share)
    {
        var trunk = network.Layout.Trunk;
        (Layer, Channels, Share, Input, Plan) = (part, channels, share, trunk.Boundaries[layer], part.Plan(trunk.Boundaries[layer]));
        (_values, _all) = (trunk.Offsets[layer]..trunk.Offsets[layer + 1], trunk.Boundaries[layer + 1].Channels);
    }

    /// <summary>The layer that gives these channels alone.</summary>
    public Layer Layer { get; }

    /// <summary>Which of the whole layer's channels they are.</summary>
    public IndexRange Channels { get; }

    /// <summary>For whom of those who share it is, from 0.</summary>
    public int Share { get; }

    /// <summary>Shape of a row of the inputs: the whole of it.</summary>
    public Shape Input { get; }

    /// <summary>What the layer gives and needs.</summary>
    public LayerPlan Plan { get; }

    /// <summary>Cuts a layer by its channels, in proportion to shares, by largest remainder and in order.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">The layer: a convolution or a dense one.</param>
    /// <param name="shares">The shares: at least 0, not all 0. Those who get no channel have no part.</param>
    /// <exception cref="ArgumentException">The layer is another one, or shares are out of range.</exception>
    public static ImmutableArray<ChannelPart> Of(Network network, int layer, params ReadOnlySpan<double> shares)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, network.Layers.Length);
        var (channels, parts, from) = (network.Boundaries[layer + 1].Channels, ImmutableArray.CreateBuilder<ChannelPart>(), 0);
        var dealt = RowPartition.Deal(channels, shares);
        for (var i = 0; i < dealt.Length; i++)
        {
            if (dealt[i] == 0) { continue; }
            parts.Add(new(network, layer, Cut(network.Layers[layer], dealt[i]), new(from, from + dealt[i]), i));
            from += dealt[i];
        }

        return parts.ToImmutable();
    }

    /// <summary>Copies the part's values.</summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="part">The values of <see cref="Plan"/>.</param>
    public void TakeWeights(ReadOnlySpan<float> weights, Span<float> part)
    {
        NetworkLayout.Expect(Plan.Values, part.Length, "values of the part");
        var whole = weights[_values];       // [taps, channels], then the biases: one line more
        for (var line = 0; line < whole.Length / _all; line++)
        {
            whole.Slice((line * _all) + Channels.From, Channels.Count).CopyTo(part[(line * Channels.Count)..]);
        }
    }

    /// <summary>Computes the part.</summary>
    /// <param name="part">Its values.</param>
    /// <param name="inputs">The layer's inputs, <c>[rows, <see cref="Input"/>]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Its channels of the outputs, one row after the other.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    public void Run(ReadOnlySpan<float> part, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        NetworkLayout.Expect(rows * Input.Size, inputs.Length, "inputs");
        NetworkLayout.Expect(rows * Plan.Output.Size, outputs.Length, "outputs");
        var mark = memory.Mark();
        Layer.Forward(new()
        {
            Input = Input,
            Rows = rows,
            Weights = part,
            Inputs = inputs,
            Outputs = outputs,
            Scratch = memory.Rent(Plan.Scratch(rows)),
        });
        memory.Release(mark);
    }

    /// <summary>Copies its channels to where they are in whole rows.</summary>
    /// <param name="part">Its channels, one row after the other.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="whole">The layer's outputs.</param>
    public void PutOutputs(ReadOnlySpan<float> part, int rows, Span<float> whole)
    {
        var (own, samples) = (Plan.Output.Size, Plan.Output.Samples);
        for (var r = 0; r < rows; r++)
        {
            part.Slice(r * own, own).CopyTo(whole[(((r * _all) + Channels.From) * samples)..]);
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"{Layer}, channels {Channels}";

    private static Layer Cut(Layer layer, int channels) => layer switch
    {
        Conv1d whole => whole with { Filters = channels },
        Conv2d whole => whole with { Filters = channels },
        Dense whole => whole with { Outputs = channels },
        _ => throw new ArgumentException($"expected a convolution or a dense layer, got {layer}", nameof(layer)),
    };
}
