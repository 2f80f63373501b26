namespace StreamLearn.Models;

/// <summary>Keys and values of the tokens that some blocks of a <see cref="TransformerToy"/> have seen, so that the next token needs no
/// second look at them. One sequence has one cache for each range of blocks.</summary>
/// <remarks>State: keys <c>[blocks, width, context]</c>, values <c>[blocks, context, width]</c>, reserved at once. Source: Pope et al.
/// (2023), the cache; Vaswani et al. (2017), causal attention, which makes it right.</remarks>
public sealed class KeyValueCache
{
    private readonly Memory<float> _keys, _values;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="model">The model.</param>
    /// <param name="first">The first block that it is for.</param>
    /// <param name="end">The block after the last one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such blocks.</exception>
    public KeyValueCache(TransformerToy model, int first, int end)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.CheckRange(first, end);
        (Model, First, End) = (model, first, end);
        var values = checked((end - first) * model.Width * model.Context);
        (_keys, _values) = (Workspace.Zeros(values), Workspace.Zeros(values));
    }

    /// <summary>The first block that it is for.</summary>
    public int First { get; }

    /// <summary>The block after the last one.</summary>
    public int End { get; }

    /// <summary>Tokens that it holds, up to the model's context.</summary>
    public int Length { get; internal set; }

    /// <summary>Bytes that it reserves.</summary>
    public long SizeBytes => 4L * (_keys.Length + _values.Length);

    internal TransformerToy Model { get; }

    /// <summary>Bytes that a cache of some blocks reserves.</summary>
    /// <param name="model">The model.</param>
    /// <param name="blocks">Blocks, 0 or more.</param>
    public static long BytesOf(TransformerToy model, int blocks)
    {
        ArgumentNullException.ThrowIfNull(model);
        return 8L * blocks * model.Width * model.Context;
    }

    /// <summary>Forgets all tokens.</summary>
    public void Clear() => Length = 0;

    /// <summary>Writes what it holds, or takes it up.</summary>
    /// <param name="s">Writes each value, or assigns it.</param>
    public void State(ref StateStream s)
    {
        Length = s.Value(Length, 0, Model.Context);
        for (var line = 0; line < (End - First) * Model.Width; line++)
        {
            s.Values(_keys.Span.Slice(line * Model.Context, Length));
        }

        for (var block = First; block < End; block++) { s.Values(Values(block)[..(Length * Model.Width)]); }
    }

    /// <summary>Keys of a block, a line of the context for each value: the places of tokens lie side by side.</summary>
    internal Span<float> Keys(int block) => Part(_keys, block);

    /// <summary>Values of a block, a line for each token.</summary>
    internal Span<float> Values(int block) => Part(_values, block);

    private Span<float> Part(Memory<float> all, int block)
    {
        var size = Model.Width * Model.Context;
        return all.Span.Slice((block - First) * size, size);
    }
}
