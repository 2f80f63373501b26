using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Some filters of a convolution or outputs of a dense layer. It needs the whole input, but only its own weights.</summary>
/// <remarks>Source: Samikwa, Di Maio, Braun (2023), DISNET; Zhao et al. (2018), DeepThings, for its cost compared with lines.</remarks>
internal sealed class ChannelPart : NetworkPart
{
    private readonly Range _values;         // range of the layer in the model's values
    private readonly int _all;              // number of filters or outputs of the whole layer
    private readonly Layer _layer;
    private readonly LayerPlan _plan;
    private readonly Step[] _steps;         // steps of a dense layer whose weights are read in place

    private ChannelPart(Network network, int layer, IndexRange channels, int share) : base(network, layer, layer + 1, channels, share)
    {
        var trunk = network.Layout.Trunk;
        (_layer, Input) = (Cut(network.Layers[layer], channels.Count)!, trunk.Boundaries[layer]);
        (_plan, _values) = (_layer.Plan(Input), trunk.Offsets[layer]..trunk.Offsets[layer + 1]);
        _all = trunk.Boundaries[layer + 1].Channels;
        _steps = _layer is Dense && _all >= FewOutputs.Bound ? [.. Enumerable.Range(0, Input.Size).Select(k => new Step(k, k * _all))] : [];
    }

    public override Shape Input { get; }

    public override Shape Output => _plan.Output;

    public override long MultiplyAdds => _plan.MultiplyAdds;

    /// <summary>Divides the channels of a layer in order, in proportion to shares, as <see cref="RowPartition.Deal"/> does.</summary>
    public static ImmutableArray<ChannelPart> Of(Network network, int layer, params ReadOnlySpan<double> shares)
    {
        Check(network, layer, layer + 1);
        var (parts, from) = (ImmutableArray.CreateBuilder<ChannelPart>(), 0);
        var dealt = RowPartition.Deal(network.Boundaries[layer + 1].Channels, shares);
        for (var i = 0; i < dealt.Length; i++)
        {
            if (dealt[i] == 0) { continue; }
            parts.Add(new(network, layer, new(from, from + dealt[i]), i));
            from += dealt[i];
        }

        return parts.ToImmutable();
    }

    public static ChannelPart Of(Network network, int layer, IndexRange channels)
    {
        Check(network, layer, layer + 1);
        var all = network.Boundaries[layer + 1].Channels;
        return channels.From >= 0 && channels.From < channels.To && channels.To <= all
            ? new(network, layer, channels, share: 0)
            : throw new ArgumentException($"expected channels within [0, {all}), got {channels}", nameof(channels));
    }

    public override void TakeInputs(ReadOnlySpan<float> whole, int rows, Span<float> part) => whole.CopyTo(part);

    public override void PutOutputs(ReadOnlySpan<float> part, int rows, Span<float> whole)
    {
        var (own, samples) = (_plan.Output.Size, _plan.Output.Samples);
        for (var r = 0; r < rows; r++) { part.Slice(r * own, own).CopyTo(whole[(((r * _all) + Outputs.From) * samples)..]); }
    }

    public override string ToString() => $"{_layer}, channels {Outputs}";

    internal static int Reach(Network network, int layer)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, network.Layers.Length);
        return Cut(network.Layers[layer], 1) is null ? layer : layer + 1;
    }

    internal static void Check(Network network, int layer, int end)
    {
        if (Reach(network, layer) == end && end > layer) { return; }
        throw new ArgumentException($"expected one layer, a convolution or a dense one, got layers {layer} to {end} that begin with "
            + $"{network.Layers[layer]}");
    }

    private protected override void Forward(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        var whole = weights[_values];           // [taps, channels], then a line of biases
        var (from, count, taps) = (Outputs.From, Outputs.Count, (whole.Length / _all) - 1);
        if (_steps.Length > 0)      // as a separate layer with few outputs it would add in another order
        {
            var places = MemoryMarshal.Cast<float, int>(memory.Rent(rows));
            for (var r = 0; r < rows; r++) { places[r] = r * taps; }
            Product.FromColumns(whole.Slice((taps * _all) + from, count), inputs, places, _steps, whole[from..(taps * _all)], outputs,
                count, count);
            return;
        }

        var own = memory.Rent(_plan.Values);
        for (var line = 0; line <= taps; line++) { whole.Slice((line * _all) + from, count).CopyTo(own[(line * count)..]); }
        _layer.Forward(new()
        {
            Input = Input,
            Rows = rows,
            Weights = own,
            Inputs = inputs,
            Outputs = outputs,
            Scratch = memory.Rent(_plan.Scratch(rows)),
        });
    }

    private static Layer? Cut(Layer layer, int channels) => layer switch
    {
        Conv1d whole => whole with { Filters = channels },
        Conv2d whole => whole with { Filters = channels },
        Dense whole => whole with { Outputs = channels },
        _ => null,
    };
}
