using System.Runtime.InteropServices;

namespace StreamLearn.Models.Tests;

/// <summary>The decoder: right, the same bits however its tokens and blocks are cut, and nothing allocated.</summary>
public sealed class TransformerToyTests
{
    private static readonly TransformerToy Model = new(blocks: 3, width: 24, heads: 2, context: 20, vocabulary: 31, seed: 7);
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 20).Select(i => ((i * i) + 3) % 31)];
    public static TheoryData<int, int> Sizes => new() { { 24, 2 }, { 24, 1 }, { 5, 5 }, { 35, 5 } };

    [Theory, MemberData(nameof(Sizes))]
    public void Its_outputs_are_those_of_plain_loops_in_float64(int width, int heads)
    {
        var model = new TransformerToy(2, width, heads, 20, 31, seed: 1);
        var inputs = Embedded(model, Tokens);
        var whole = Run(model, Tokens, 0, model.Blocks, rowsAtOnce: 20);
        for (var end = 1; end <= 20; end++)
        {
            var plain = PlainDecoder.Last(model, [.. inputs.Chunk(width).Take(end).Select(r => r.Select(v => (double)v).ToArray())]);
            for (var i = 0; i < width; i++) { Assert.Equal(plain[i], whole[((end - 1) * width) + i], 1e-5 * (1 + Math.Abs(plain[i]))); }
        }
    }

    [Theory, InlineData(1), InlineData(3), InlineData(7)]
    public void With_cached_keys_and_values_it_has_the_bits_of_the_whole_prefix_at_once(int rowsAtOnce)
    {
        Assert.Equal(Bits(Run(Model, Tokens, 0, 3, 20)), Bits(Run(Model, Tokens, 0, 3, rowsAtOnce)));
        for (var end = 1; end <= 20; end++)     // no later token matters to an earlier one
        {
            Assert.Equal(Bits(Run(Model, Tokens, 0, 3, 1))[..(24 * end)], Bits(Run(Model, Tokens[..end], 0, 3, end)));
        }
    }

    [Fact]
    public void Ranges_one_after_the_other_have_the_bits_of_all_blocks()
    {
        for (var cut = 0; cut <= 3; cut++)
        {
            var values = Run(Model, Tokens, 0, cut, 4);
            var rest = new KeyValueCache(Model, cut, 3);
            for (var t = 0; t < 20; t++) { Model.Forward(values.AsSpan(t * 24, 24), t, rest, new()); }
            Assert.Equal(Bits(Run(Model, Tokens, 0, 3, 1)), Bits(values));
        }
    }

    [Fact]
    public void A_cache_that_goes_back_or_is_taken_up_again_goes_on_with_the_same_bits()
    {
        var (cache, memory) = (new KeyValueCache(Model, 0, 3), new Workspace());
        var values = Embedded(Model, Tokens);
        Model.Forward(values.AsSpan(0, 10 * 24), 0, cache, memory);
        var wrong = Embedded(Model, [1, 2, 3]);
        Model.Forward(wrong, 10, cache, memory);
        Model.Forward(values.AsSpan(10 * 24, 24), 10, cache, memory);
        Assert.Equal(11, cache.Length);
        var buffer = new StateBuffer();
        var writer = new StateStream(buffer);
        cache.State(ref writer);
        var copy = new KeyValueCache(Model, 0, 3);
        var reader = new StateStream(buffer.Written, new());
        copy.State(ref reader);
        Model.Forward(values.AsSpan(11 * 24), 11, copy, memory);
        Assert.Equal(Bits(Run(Model, Tokens, 0, 3, 1)), Bits(values));
    }

    /// <summary>The bits on any machine: run it with <c>DOTNET_EnableAVX512F=0</c> or <c>DOTNET_EnableAVX2=0</c> for narrower
    /// vectors.</summary>
    [Fact]
    public void Its_bits_and_tokens_are_those_of_every_machine()
    {
        var scores = new float[31];
        Model.Score(Run(Model, Tokens, 0, 3, 1).AsSpan()[^24..], scores, new());
        Assert.Equal(1869089837u, Crc32C.Of(MemoryMarshal.AsBytes<float>(scores)));
        Assert.Equal("26 27 22 17 13 0 2 29 12 12 18 0", string.Join(' ', Continue(Model, [1, 2, 3], 12)));
    }

    [Fact]
    public void The_next_token_is_the_first_of_those_with_the_highest_score()
    {
        var (scores, values) = (new float[31], Embedded(Model, [4]));
        Model.Score(values, scores, new());
        Assert.Equal(scores.Index().MaxBy(static s => s.Item).Index, Model.NextToken(values, new()));
    }

    [Fact]
    public void A_token_allocates_nothing()
    {
        var (cache, memory, values) = (new KeyValueCache(Model, 0, 3), new Workspace(), new float[24]);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var t = 0; t < 20; t++)
            {
                Model.Embed(Tokens.AsSpan(t, 1), t, values);
                Model.Forward(values, t, cache, memory);
                Model.NextToken(values, memory);
            }
        }));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var (cache, memory) = (new KeyValueCache(Model, 0, 3), new Workspace());
        Model.Forward(Embedded(Model, Tokens), 0, cache, memory);
        Refused("expected positions 0 to 19, got 1 tokens from position 20", () => Model.Forward(new float[24], 20, cache, memory));
        Refused("expected positions 0 to 19, got 2 tokens from position 19", () => Model.Embed([1, 2], 19, new float[48]));
        cache.Clear();
        Refused("expected a position up to 0, got 1", () => Model.Forward(new float[24], 1, cache, memory));
        Refused("expected one or more rows of 24 values, got 25", () => Model.Forward(new float[25], 0, cache, memory));
        Refused("expected a cache of 3 blocks", () => Model.Forward(new float[24], 0, new(new(3, 24, 2, 20, 31, 8), 0, 3), memory));
        Refused("expected a token from 0 to 30, got 31", () => Model.Embed([31], 0, new float[24]));
        Refused("expected 24 values and 31 scores, got 24 and 30", () => Model.Score(new float[24], new float[30], memory));
        Refused("expected heads that divide the width 24, got 5", () => _ = new TransformerToy(3, 24, 5, 20, 31));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyValueCache(Model, 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerToy(3, 24, 2, 1, 31));
        Assert.Equal(Model, new(3, 24, 2, 20, 31, 7));

        static void Refused(string message, Action call) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(call).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_costs_are_those_of_its_products()
    {
        var model = new TransformerToy(blocks: 3, width: 4, heads: 2, context: 8, vocabulary: 10);
        var costs = TransformerToy.CostsOf(model);
        // 4 · 12 to project, 4 · 4 to mix, 4 · 16 and 16 · 4; 8 places looked at and mixed
        const int Block = 48 + 16 + 64 + 64 + (2 * 8 * 4);
        const int Values = (2 * 8) + 48 + 12 + 16 + 4 + 64 + 16 + 64 + 4;
        Assert.Equal([Block, Block, Block + 40], costs.Layers.Select(static l => l.MultiplyAdds));
        Assert.Equal([Values + 72, Values, Values + 48], costs.Layers.Select(static l => l.Parameters));
        Assert.Equal((Values, 1, 4, 1), (model.BlockParameters, costs.Inputs, costs.ValuesAt(1), costs.ValuesAt(3)));
        Assert.Equal(Enumerable.Range(2, 3).Sum(p => model.MultiplyAdds(0, 2, p)), model.MultiplyAdds(0, 2, 2, tokens: 3));
    }

    internal static int[] Continue(TransformerToy model, int[] prompt, int count)
    {
        var (cache, memory, tokens) = (new KeyValueCache(model, 0, model.Blocks), new Workspace(), prompt.ToList());
        var values = Embedded(model, prompt);
        model.Forward(values, 0, cache, memory);
        for (var i = 0; i < count; i++)
        {
            tokens.Add(model.NextToken(values.AsSpan()[^model.Width..], memory));
            values = new float[model.Width];
            model.Embed([tokens[^1]], tokens.Count - 1, values);
            model.Forward(values, tokens.Count - 1, cache, memory);
        }

        return [.. tokens[prompt.Length..]];
    }

    private static float[] Run(TransformerToy model, int[] tokens, int first, int end, int rowsAtOnce)
    {
        var (cache, memory, values) = (new KeyValueCache(model, first, end), new Workspace(), Embedded(model, tokens));
        for (var t = 0; t < tokens.Length; t += rowsAtOnce)
        {
            var rows = Math.Min(rowsAtOnce, tokens.Length - t);
            model.Forward(values.AsSpan(t * model.Width, rows * model.Width), t, cache, memory);
        }
        return values;
    }

    private static float[] Embedded(TransformerToy model, int[] tokens)
    {
        var values = new float[tokens.Length * model.Width];
        model.Embed(tokens, 0, values);
        return values;
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
