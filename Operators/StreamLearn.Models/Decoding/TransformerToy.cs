namespace StreamLearn.Models;

/// <summary>An inference-only transformer decoder with random weights, determined by sizes and seed. Compared by sizes and seed.</summary>
/// <remarks>
/// <para>A block has layer norm, causal attention, residual; layer norm, dense ×4, ReLU, dense, residual. Ranges of blocks can run on
/// different machines, each with a <see cref="KeyValueCache"/>.</para>
/// <para>Results depend on neither token batches nor vector width, as with <see cref="Layer"/>. It uses one thread, and allocates nothing
/// once the workspace has grown.</para>
/// <para>Source: Vaswani et al. (2017), for attention and ReLU; Radford et al. (2019), GPT-2, for layer norm before each part and at the
/// end, and for learned positions.</para>
/// </remarks>
public sealed record TransformerToy
{
    private readonly float[]?[] _blocks;
    private readonly DecoderSteps _steps;
    private float[]? _embedding;
    private float[]? _projection;

    /// <summary>Creates a model. Each block's weights are generated on first use.</summary>
    /// <param name="blocks">Blocks, at least 1.</param>
    /// <param name="width">Values per token between blocks, at least 1.</param>
    /// <param name="heads">Attention heads, at least 1; must divide the width.</param>
    /// <param name="context">Maximum number of tokens in a sequence, at least 2.</param>
    /// <param name="vocabulary">Distinct tokens, at least 2.</param>
    /// <param name="seed">Seed of the weights; default 0.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the heads do not divide the width.</exception>
    public TransformerToy(int blocks, int width, int heads, int context, int vocabulary, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 2);
        if (width % heads != 0) { throw new ArgumentException($"expected heads that divide the width {width}, got {heads}"); }
        (Blocks, Width, Heads, Context, Vocabulary, Seed) = (blocks, width, heads, context, vocabulary, seed);
        _blocks = new float[]?[blocks];
        _steps = new(this);
    }

    /// <summary>Blocks.</summary>
    public int Blocks { get; }

    /// <summary>Values per token between blocks.</summary>
    public int Width { get; }

    /// <summary>Attention heads.</summary>
    public int Heads { get; }

    /// <summary>Maximum number of tokens in a sequence.</summary>
    public int Context { get; }

    /// <summary>Distinct tokens, which count from 0.</summary>
    public int Vocabulary { get; }

    /// <summary>Seed of the weights.</summary>
    public long Seed { get; }

    /// <summary>Values that each block holds.</summary>
    public int BlockParameters => DecoderBlock.Parameters(Width);

    /// <summary>Returns the weights of a block.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <returns>Gain and bias of the first norm <c>[width]</c> each; queries, keys and values <c>[width, 3 · width]</c> and biases <c>[3 ·
    /// width]</c>; attention outputs <c>[width, width]</c>, <c>[width]</c>; gain and bias of the second norm; wide layer <c>[width, 4 ·
    /// width]</c>, <c>[4 · width]</c>; narrow layer <c>[4 · width, width]</c>, <c>[width]</c>. Head h has the columns from h · width /
    /// heads of queries, keys and values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    public ReadOnlySpan<float> BlockWeights(int block)
    {
        CheckRange(block, block + 1);
        return _blocks[block] ??= DecoderBlock.Random(Width, new(Seed, "transformer-toy", $"block-{block}"));
    }

    /// <summary>Counts the tokens' multiply-adds in blocks [first, end), plus scores after the last block.</summary>
    /// <param name="first">The first block.</param>
    /// <param name="end">The end, exclusive.</param>
    /// <param name="position">Position of the first token, from 0.</param>
    /// <param name="tokens">Consecutive tokens; default 1.</param>
    public long MultiplyAdds(int first, int end, int position, int tokens = 1)
    {
        var looks = ((long)tokens * (position + 1)) + ((long)tokens * (tokens - 1) / 2);
        return ((end - first) * ((12L * tokens * Width * Width) + (2L * Width * looks))) + (end == Blocks ? (long)Width * Vocabulary : 0);
    }

    /// <summary>Returns the costs of the blocks for one token with a full context. The first includes the embedding; the last includes the
    /// scores, and its output is the token.</summary>
    public static LayerCosts CostsOf(TransformerToy model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(1,
        [
            .. Enumerable.Range(0, model.Blocks).Select(b => new LayerCost($"block {b}", b == model.Blocks - 1 ? 1 : model.Width,
                model.MultiplyAdds(b, b + 1, model.Context - 1), 0, model.BlockParameters
                    + (b == 0 ? (model.Vocabulary + model.Context) * model.Width : 0)
                    + (b == model.Blocks - 1 ? model.ProjectionValues : 0)))
        ]);
    }

    /// <summary>Embeds tokens and their positions as inputs of block 0.</summary>
    /// <param name="tokens">Consecutive tokens.</param>
    /// <param name="position">Position of the first token, from 0.</param>
    /// <param name="outputs">Written: <c>[tokens, width]</c>.</param>
    /// <exception cref="ArgumentException">A token or its position is out of range.</exception>
    public void Embed(ReadOnlySpan<int> tokens, int position, Span<float> outputs)
    {
        CheckPlaces(tokens.Length, position);
        _embedding ??= DecoderBlock.Uniform((Vocabulary + Context) * Width, 1, new(Seed, "transformer-toy", "embedding"));
        for (var t = 0; t < tokens.Length; t++)
        {
            if ((uint)tokens[t] >= (uint)Vocabulary)
            {
                throw new ArgumentException($"expected a token from 0 to {Vocabulary - 1}, got {tokens[t]}");
            }

            var word = _embedding.AsSpan(tokens[t] * Width, Width);
            var place = _embedding.AsSpan((Vocabulary + position + t) * Width, Width);
            var to = outputs.Slice(t * Width, Width);
            for (var i = 0; i < to.Length; i++) { to[i] = word[i] + place[i]; }
        }
    }

    /// <summary>Runs consecutive tokens through the blocks of a cache, in place, and caches them.</summary>
    /// <param name="values">Inputs <c>[tokens, width]</c>, overwritten with the outputs.</param>
    /// <param name="position">Position of the first token, from 0 to the cache's length; truncates the cache.</param>
    /// <param name="cache">The preceding tokens, and the blocks to run.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">Arguments do not fit, or the context is full.</exception>
    public void Forward(Span<float> values, int position, KeyValueCache cache, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(memory);
        var rows = values.Length / Width;
        if (rows * Width != values.Length || rows == 0)
        {
            throw new ArgumentException($"expected one or more rows of {Width} values, got {values.Length} values");
        }

        if (!Equals(cache.Model)) { throw new ArgumentException($"expected a cache of {this}, got one of {cache.Model}"); }
        CheckPlaces(rows, position);
        if (position > cache.Length)
        {
            throw new ArgumentException($"expected a position up to {cache.Length}, got {position}: tokens before it are missing");
        }

        var mark = memory.Mark();
        for (var block = cache.First; block < cache.End; block++)
        {
            new DecoderBlock(this, _steps, BlockWeights(block), cache.Keys(block), cache.Values(block), memory).Forward(values, position);
        }

        memory.Release(mark);
        cache.Length = position + rows;
    }

    /// <summary>Computes the scores of the next token.</summary>
    /// <param name="values">The output of the last block for the token, <c>[width]</c>.</param>
    /// <param name="scores">Written: a score per vocabulary token.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">Values or scores have the wrong length.</exception>
    public void Score(ReadOnlySpan<float> values, Span<float> scores, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (values.Length != Width || scores.Length != Vocabulary)
        {
            throw new ArgumentException($"expected {Width} values and {Vocabulary} scores, got {values.Length} and {scores.Length}");
        }

        _projection ??= DecoderBlock.Projection(ProjectionValues, Width, new(Seed, "transformer-toy", "projection"));
        var mark = memory.Mark();
        var normal = memory.Rent(Width);
        DecoderBlock.Normalize(values, 1, Width, _projection, normal);
        Product.FromZeros(normal, [0], _steps.Scores, _projection.AsSpan(2 * Width), scores, Vocabulary, Vocabulary);
        memory.Release(mark);
    }

    /// <summary>Returns the token with the highest score, the first on a tie.</summary>
    /// <param name="values">The output of the last block for the previous token, <c>[width]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    public int NextToken(ReadOnlySpan<float> values, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var mark = memory.Mark();
        var scores = memory.Rent(Vocabulary);
        Score(values, scores, memory);
        var best = 0;
        for (var token = 1; token < scores.Length; token++)
        {
            if (scores[token] > scores[best]) { best = token; }
        }

        memory.Release(mark);
        return best;
    }

    /// <inheritdoc />
    public bool Equals(TransformerToy? other) => other is not null
        && (Blocks, Width, Heads, Context) == (other.Blocks, other.Width, other.Heads, other.Context)
        && (Vocabulary, Seed) == (other.Vocabulary, other.Seed);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Blocks, Width, Heads, Context, Vocabulary, Seed);

    /// <inheritdoc />
    public override string ToString() =>
        $"{Blocks} blocks of width {Width}, {Heads} heads, context {Context}, vocabulary {Vocabulary}, seed {Seed}";

    internal void CheckRange(int first, int end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(end, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, Blocks);
    }

    private int ProjectionValues => Width * (Vocabulary + 2);

    private void CheckPlaces(int tokens, int position)
    {
        if (position < 0 || tokens > Context - position)
        {
            throw new ArgumentException($"expected positions 0 to {Context - 1}, got {tokens} tokens from position {position}");
        }
    }
}
