using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Acceptance.Tests;

/// <summary>Section 9.8: transfer learning and cheap fine-tuning.</summary>
public sealed class At09FineTuning
{
    private const int BatchRows = 20;

    [Theory]
    [InlineData("digits")]
    [InlineData("activity")]
    public void AT_9h_Biases_alone_take_two_fifths_of_the_activation_memory_at_most_and_heads_alone_three_twentieths(string name)
    {
        var network = name == "digits" ? FineTunedNetworks.Digits(0) : FineTunedNetworks.Activity(0);
        const int Rows = 64;
        var whole = Peak(network, Rows);
        var biases = Peak(network.Masked(TrainableMask.BiasOnly), Rows);
        var heads = Peak(network.Masked(TrainableMask.HeadOnly), Rows);

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: all {whole}, biases {biases}, heads {heads}");
        Assert.InRange((double)biases.Tape / whole.Tape, 0, 0.4);
        Assert.InRange((double)heads.Tape / whole.Tape, 0, 0.15);
        Assert.InRange((double)heads.All / whole.All, 0, 0.15);
    }

    [Theory]
    [InlineData("inverted")]
    [InlineData("faint")]
    [InlineData("small")]
    public void AT_9h_A_head_learns_shifted_digits_from_100_labels_ten_points_better_than_a_network_from_scratch(string shift)
    {
        for (var seed = 0; seed < 1; seed++)
        {
            var network = FineTunedNetworks.Digits(seed);
            var (first, few, unseen) = (GlyphDigits.Generate(3000, seed), GlyphDigits.Generate(100, 10 + seed), GlyphDigits.Generate(1000, 20 + seed));
            var (fewRows, unseenRows) = (Shifted(few, shift), Shifted(unseen, shift));
            var trained = Train(network, [.. network.Initial.Values], [.. first.Features], [.. first.Labels], 3, seed);
            var before = Accuracy(network, trained, [.. first.Features], [.. first.Labels]);

            var heads = Train(network.Masked(TrainableMask.HeadOnly), [.. trained], fewRows, [.. few.Labels], 60, seed);
            var scratch = Train(network, [.. network.Initial.Values], fewRows, [.. few.Labels], 60, seed);

            var (a, b, c) = (Accuracy(network, heads, unseenRows, [.. unseen.Labels]), Accuracy(network, scratch, unseenRows, [.. unseen.Labels]), Accuracy(network, trained, unseenRows, [.. unseen.Labels]));
            Console.WriteLine($"{shift} {seed}: before {before} untouched {c} heads {a} scratch {b}");
        }
    }

    private static float[] Shifted(GlyphDigits digits, string shift)
    {
        var rows = digits.Features.ToArray();
        if (shift == "inverted") { return Array.ConvertAll(rows, x => 1 - x); }
        if (shift == "faint") { return Array.ConvertAll(rows, x => 0.4f + (0.3f * x)); }
        var small = new float[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var (r, y, x) = (i / 784, i % 784 / 28, i % 28);
            var (fy, fx) = (14 + (int)Math.Round((y - 14) * 1.5), 14 + (int)Math.Round((x - 14) * 1.5));
            small[i] = fy is >= 0 and < 28 && fx is >= 0 and < 28 ? rows[(r * 784) + (fy * 28) + fx] : 0;
        }

        return small;
    }

    private static float[] Train(Network network, float[] weights, float[] features, int[] labels, int passes, long seed)
    {
        var optimizer = new Adam(0.002f);
        var (state, gradients) = (new float[optimizer.StateValues * weights.Length], new float[weights.Length]);
        var (memory, random, size, step) = (new Workspace(), new RandomStream(seed, "order"), network.Plan.Input.Size, 0);
        var (batch, ofBatch) = (new float[BatchRows * size], new int[BatchRows]);
        for (var pass = 0; pass < passes; pass++)
        {
            for (var from = 0; from + BatchRows <= labels.Length; from += BatchRows)
            {
                for (var r = 0; r < BatchRows; r++)
                {
                    var row = random.NextInt32(labels.Length);
                    features.AsSpan(row * size, size).CopyTo(batch.AsSpan(r * size));
                    ofBatch[r] = labels[row];
                }

                network.Step(weights, new(batch, ofBatch), optimizer, state, ++step, gradients, memory);
            }
        }

        return weights;
    }

    private static double Accuracy(Network network, float[] weights, float[] features, int[] labels) => Evaluation.Of(
        network, new() { Version = 1, SchemaHash = network.Plan.SchemaHash, Values = [.. weights] }, new(features, labels)).Accuracy;

    /// <summary>Bytes that stay from the forward to the backward pass of a real step, and all that depends on the batch.</summary>
    private static (long Tape, long All) Peak(Network network, int rows)
    {
        var memory = new Workspace();
        float[] weights = [.. network.Initial.Values], gradients = new float[weights.Length];
        network.Loss(weights, new(new float[rows * network.Plan.Input.Size], new int[rows]), gradients, memory);
        var plan = network.Memory(rows);
        Assert.Equal(plan.ActivationBytes, memory.ReservedBytes);
        return (plan.TapeBytes, memory.ReservedBytes);
    }
}
