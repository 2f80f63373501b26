namespace StreamLearn.Models;

/// <summary>
/// A decoder that only answers: embedding of tokens and positions, blocks of equal cost, scores of the next token. Its weights are random
/// numbers of a seed, so that every process that has the sizes and the seed has the weights. Compares by sizes and seed.
/// </summary>
/// <remarks>
/// <para>A block: layer norm, causal attention, residual; layer norm, dense ×4, ReLU, dense, residual. Blocks are the layers of the
/// model: any range of them may run on any machine, with a <see cref="KeyValueCache"/> of its own.</para>
/// <para>Every call keeps the promises of <see cref="Layer"/>: several tokens at once give the bits of one token after the other, and no
/// sum's order depends on the width of vectors. One thread computes, and nothing is allocated once the workspace has its size.</para>
/// <para>Source: Vaswani et al. (2017), attention; Radford et al. (2019), GPT-2, layer norm before each part and at the end, learned
/// positions. ReLU as in Vaswani et al. (2017).</para>
/// </remarks>
public sealed record TransformerToy
{
    private readonly float[]?[] _blocks;
    private readonly DecoderSteps _steps;
    private float[]? _embedding;
    private float[]? _projection;

    /// <summary>Sets the sizes. Weights are made where they are first used, each block's by itself.</summary>
    /// <param name="blocks">Blocks, at least 1.</param>
    /// <param name="width">Values of a token between blocks, at least 1.</param>
    /// <param name="heads">Heads of attention, which divide the width; at least 1.</param>
    /// <param name="context">Tokens of a sequence at most, at least 2.</param>
    /// <param name="vocabulary">Different tokens, at least 2.</param>
    /// <param name="seed">Names the weights; default 0.</param>
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

    /// <summary>Values of a token between blocks.</summary>
    public int Width { get; }

    /// <summary>Heads of attention.</summary>
    public int Heads { get; }

    /// <summary>Tokens of a sequence at most.</summary>
    public int Context { get; }

    /// <summary>Different tokens: 0 to this, exclusive.</summary>
    public int Vocabulary { get; }

    /// <summary>Names the weights.</summary>
    public long Seed { get; }

    /// <summary>Values that each block holds.</summary>
    public int BlockParameters => DecoderBlock.Parameters(Width);

    /// <summary>The weights of a block.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <returns>
    /// Gain and bias of the first norm <c>[width]</c> each; queries, keys and values <c>[width, 3 · width]</c> and their biases
    /// <c>[3 · width]</c>; the attention's outputs <c>[width, width]</c>, <c>[width]</c>; gain and bias of the second norm; the wide layer
    /// <c>[width, 4 · width]</c>, <c>[4 · width]</c>; the narrow one <c>[4 · width, width]</c>, <c>[width]</c>. Head h has the columns from
    /// h · width / heads on of the queries, of the keys and of the values.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    public ReadOnlySpan<float> BlockWeights(int block)
    {
        CheckRange(block, block + 1);
        return _blocks[block] ??= DecoderBlock.Random(Width, new(Seed, "transformer-toy", $"block-{block}"));
    }

    /// <summary>Multiply-adds of tokens in blocks [first, end), and of the scores after them if the last block is among them.</summary>
    /// <param name="first">The first block.</param>
    /// <param name="end">The block after the last one.</param>
    /// <param name="position">Place of the first token, from 0: each looks at itself and at all before it.</param>
    /// <param name="tokens">Tokens that follow one another; default 1.</param>
    public long MultiplyAdds(int first, int end, int position, int tokens = 1)
    {
        var looks = ((long)tokens * (position + 1)) + ((long)tokens * (tokens - 1) / 2);
        return ((end - first) * ((12L * tokens * Width * Width) + (2L * Width * looks))) + (end == Blocks ? (long)Width * Vocabulary : 0);
    }

    /// <summary>What the blocks cost, as planners ask for it: a token at a time, with a full context. The embedding's values count in the
    /// first block; scores and their values in the last one, whose output is the token.</summary>
    /// <param name="model">The model.</param>
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

    /// <summary>Turns tokens into the inputs of block 0: the token's values plus those of its place.</summary>
    /// <param name="tokens">Tokens that follow one another.</param>
    /// <param name="position">Place of the first one, from 0.</param>
    /// <param name="outputs">Written: <c>[tokens, width]</c>.</param>
    /// <exception cref="ArgumentException">A token is not in the vocabulary, or its place not in the context.</exception>
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

    /// <summary>Takes tokens that follow one another through the blocks of a cache, in place, and keeps their keys and values there.
    /// </summary>
    /// <param name="values">Inputs <c>[tokens, width]</c>, overwritten with the outputs.</param>
    /// <param name="position">Place of the first token, from 0 to the cache's length: what the cache holds from there on is forgotten.
    /// </param>
    /// <param name="cache">The tokens before; its range is that of the blocks that run.</param>
    /// <param name="memory">Scratch.</param>
    /// <exception cref="ArgumentException">Values, position or cache do not fit the model, or the context is full.</exception>
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

    /// <summary>Gives the scores of the token that follows one.</summary>
    /// <param name="values">What the last block made of the token, <c>[width]</c>.</param>
    /// <param name="scores">Written: a score for each token of the vocabulary.</param>
    /// <param name="memory">Scratch.</param>
    /// <exception cref="ArgumentException">The values or the scores are not as many.</exception>
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

    /// <summary>The token with the highest score, the first of equal ones.</summary>
    /// <param name="values">What the last block made of the token before, <c>[width]</c>.</param>
    /// <param name="memory">Scratch.</param>
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
            throw new ArgumentException($"expected places from 0 to {Context - 1}, got {tokens} tokens from {position} on");
        }
    }
}
