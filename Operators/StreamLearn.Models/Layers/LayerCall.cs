namespace StreamLearn.Models;

/// <summary>The arguments of a layer call: spans that the caller owns, with rows row-major.</summary>
public readonly ref struct LayerCall
{
    /// <summary>Shape of an input row.</summary>
    public required Shape Input { get; init; }

    /// <summary>Rows, at least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>Position of the first row in its batch, for layers with batch statistics.</summary>
    internal int FirstRow { get; init; }

    /// <summary>The layer's values, slice after slice.</summary>
    public ReadOnlySpan<float> Weights { get; init; }

    /// <summary>Inputs, <c>[rows, input]</c>.</summary>
    public ReadOnlySpan<float> Inputs { get; init; }

    /// <summary>Outputs, <c>[rows, output]</c>: written forward, read backward.</summary>
    public Span<float> Outputs { get; init; }

    /// <summary>True forward if a backward pass may follow; false for inference.</summary>
    public bool Training { get; init; }

    /// <summary>Random key, made from the seed of the network, the position of the layer and the batch number.</summary>
    public ulong RandomKey { get; init; }

    /// <summary>The layer's tape, <c>[rows, tape values]</c>: written forward, read backward; empty for inference.</summary>
    public Span<float> Tape { get; init; }

    /// <summary>Gradient of the outputs, <c>[rows, output]</c>; backward only.</summary>
    public ReadOnlySpan<float> OutputGradients { get; init; }

    /// <summary>Gradient of the inputs, <c>[rows, input]</c>, overwritten by the backward pass; empty: not needed.</summary>
    public Span<float> InputGradients { get; init; }

    /// <summary>Gradient of the layer's values; the backward pass adds to it. Slices of statistics are overwritten with new
    /// statistics.</summary>
    public Span<float> Gradients { get; init; }

    /// <summary>If set, the layer moves its weights itself; only backward, with <see cref="LayerPlan.SupportsFusedUpdate"/>.</summary>
    internal FusedUpdate FusedUpdate { get; init; }

    /// <summary>The inner layers under a mask; otherwise null.</summary>
    internal RowBlocks? Parts { get; init; }

    internal SecondThread? Second { get; init; }

    /// <summary>Which half of the outputs to compute, 1 or 2; 0: all.</summary>
    internal int Half { get; init; }

    /// <summary>Memory with undefined content for this call.</summary>
    public Span<float> Scratch { get; init; }

    internal (int From, int To) Share(int count) => Half switch
    {
        0 => (0, count),
        1 => (0, (count + 1) / 2),
        _ => ((count + 1) / 2, count),
    };
}
