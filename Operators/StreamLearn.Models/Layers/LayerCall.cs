namespace StreamLearn.Models;

/// <summary>The arguments of one call of a layer: spans that belong to the caller. Rows are row-major, one after the other.</summary>
public readonly ref struct LayerCall
{
    /// <summary>Shape of one row of the inputs.</summary>
    public required Shape Input { get; init; }

    /// <summary>Rows, at least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>Place of the first row in its batch, where a layer that looks first is given a part of one.</summary>
    internal int FirstRow { get; init; }

    /// <summary>The layer's values, slice after slice.</summary>
    public ReadOnlySpan<float> Weights { get; init; }

    /// <summary>Inputs, <c>[rows, input]</c>.</summary>
    public ReadOnlySpan<float> Inputs { get; init; }

    /// <summary>Outputs, <c>[rows, output]</c>: written forward, read backward.</summary>
    public Span<float> Outputs { get; init; }

    /// <summary>True forward if a backward pass may follow; false for inference.</summary>
    public bool Training { get; init; }

    /// <summary>Names the random numbers of this call: made of the network's seed, the layer's place and the batch's number.</summary>
    public ulong RandomKey { get; init; }

    /// <summary>The layer's part of the tape, <c>[rows, tape values]</c>: written forward, read backward; empty for inference.</summary>
    public Span<float> Tape { get; init; }

    /// <summary>Gradient of the outputs, <c>[rows, output]</c>; backward only.</summary>
    public ReadOnlySpan<float> OutputGradients { get; init; }

    /// <summary>Gradient of the inputs, <c>[rows, input]</c>: overwritten backward; empty where it is not wanted.</summary>
    public Span<float> InputGradients { get; init; }

    /// <summary>Gradient of the layer's values: added to backward. Statistic slices are overwritten with the new statistics.</summary>
    public Span<float> Gradients { get; init; }

    /// <summary>
    /// Where the layer is to move its weights itself, instead of writing their gradient; empty for most calls. Given backward only to a
    /// layer whose plan says <see cref="LayerPlan.SupportsFusedUpdate"/>.
    /// </summary>
    internal FusedUpdate FusedUpdate { get; init; }

    /// <summary>The layers that a layer is made of, as its plan has them under a mask; null for most calls.</summary>
    internal RowBlocks? Parts { get; init; }

    /// <summary>The second thread, where there is one; null for most calls.</summary>
    internal SecondThread? Second { get; init; }

    /// <summary>Which half of its outputs a layer that can share its work is to compute: 1 or 2; 0 for all of them.</summary>
    internal int Half { get; init; }

    /// <summary>Memory of undefined content for the time of the call.</summary>
    public Span<float> Scratch { get; init; }

    /// <summary>The part of things in a row, such as rows of a batch, that is to be computed.</summary>
    internal (int From, int To) Share(int count) => Half switch
    {
        0 => (0, count),
        1 => (0, (count + 1) / 2),
        _ => ((count + 1) / 2, count),
    };
}
