using StreamLearn.Models;
using static TorchSharp.torch;

namespace StreamLearn.Torch.Tests;

/// <summary>The decoder of the library beside PyTorch's attention.</summary>
public sealed class AttentionTests
{
    [Fact]
    public void A_block_of_the_transformer_gives_what_PyTorch_gives()
    {
        const int Width = 24, Heads = 3, Tokens = 17;
        var model = new TransformerToy(blocks: 1, Width, Heads, context: Tokens, vocabulary: 11, seed: 2);
        var values = new float[Tokens * Width];
        model.Embed([.. Enumerable.Range(0, Tokens).Select(static i => i * i % 11)], 0, values);
        using var scope = NewDisposeScope();
        var inputs = tensor(values, [Tokens, Width]);
        model.Forward(values, 0, new(model, 0, 1), new());

        var (weights, at) = (model.BlockWeights(0).ToArray(), 0);
        Tensor Take(params long[] shape) => tensor(weights[at..(at += (int)shape.Aggregate(1L, static (a, b) => a * b))], shape);
        Tensor Dense(Tensor rows, long outputs) => matmul(rows, Take(rows.shape[1], outputs)) + Take(outputs);
        Tensor Norm(Tensor rows) => nn.functional.layer_norm(rows, [Width], Take(Width), Take(Width));
        var parts = Dense(Norm(inputs), 3 * Width).reshape(Tokens, 3, Heads, Width / Heads).permute(1, 2, 0, 3);
        var attention = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true);
        var middle = inputs + Dense(attention.permute(1, 0, 2).reshape(Tokens, Width), Width);
        var outputs = middle + Dense(Dense(Norm(middle), 4 * Width).relu(), Width);

        Assert.Equal(weights.Length, at);
        var theirs = outputs.data<float>().ToArray();
        Assert.All(values.Zip(theirs), static pair => Assert.Equal(pair.Second, pair.First, 2e-5f * (1 + Math.Abs(pair.Second))));
    }
}
