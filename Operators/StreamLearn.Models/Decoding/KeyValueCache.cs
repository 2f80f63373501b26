namespace StreamLearn.Models;

/// <summary>Keys and values of a sequence's tokens for a range of <see cref="TransformerToy"/> blocks.</summary>
/// <remarks>State: keys <c>[blocks, width, context]</c>, values <c>[blocks, context, width]</c>, allocated at once. Source: Pope et al.
/// (2023), the cache; Vaswani et al. (2017), causal attention.</remarks>
public sealed class KeyValueCache
{
    private readonly Memory<float> _keys, _values;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="model">The model.</param>
    /// <param name="first">The first block.</param>
    /// <param name="end">The end, exclusive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such blocks.</exception>
    public KeyValueCache(TransformerToy model, int first, int end)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.CheckRange(first, end);
        (Model, First, End) = (model, first, end);
        var values = checked((end - first) * model.Width * model.Context);
        (_keys, _values) = (Workspace.Zeros(values), Workspace.Zeros(values));
    }

    /// <summary>The first block.</summary>
    public int First { get; }

    /// <summary>One past the last block.</summary>
    public int End { get; }

    /// <summary>Cached tokens, up to the model's context.</summary>
    public int Length { get; internal set; }

    /// <summary>Allocated bytes.</summary>
    public long SizeBytes => 4L * (_keys.Length + _values.Length);

    internal TransformerToy Model { get; }

    /// <summary>Returns the size of a cache for a number of blocks in bytes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="blocks">Blocks, 0 or more.</param>
    public static long BytesOf(TransformerToy model, int blocks)
    {
        ArgumentNullException.ThrowIfNull(model);
        return 8L * blocks * model.Width * model.Context;
    }

    /// <summary>Removes all tokens.</summary>
    public void Clear() => Length = 0;

    /// <summary>Saves or restores the content.</summary>
    public void State(ref StateStream s)
    {
        Length = s.Value(Length, 0, Model.Context);
        for (var line = 0; line < (End - First) * Model.Width; line++) { s.Values(_keys.Span.Slice(line * Model.Context, Length)); }

        for (var block = First; block < End; block++) { s.Values(Values(block)[..(Length * Model.Width)]); }
    }

    internal Span<float> Keys(int block) => Part(_keys, block);

    /// <summary>Token-major: one line per token.</summary>
    internal Span<float> Values(int block) => Part(_values, block);

    private Span<float> Part(Memory<float> all, int block)
    {
        var size = Model.Width * Model.Context;
        return all.Span.Slice((block - First) * size, size);
    }
}
