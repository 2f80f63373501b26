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

        Assert.InRange((double)biases.Tape / whole.Tape, 0, 0.4);
        Assert.InRange((double)heads.Tape / whole.Tape, 0, 0.15);
        Assert.InRange((double)heads.All / whole.All, 0, 0.15);
    }

    [Fact]
    public void AT_9h_Explore_memory()
    {
        foreach (var network in new[] { HarNetwork.Create(), ReferenceModels.CnnSmall(seed: 1), ReferenceModels.Vgg5() })
        {
            const int Rows = 16;
            var whole = Peak(network, Rows);
            var biases = Peak(network.Masked(TrainableMask.BiasOnly), Rows);
            var heads = Peak(network.Masked(TrainableMask.HeadOnly), Rows);
            TestContext.Current.SendDiagnosticMessage($"9H whole {whole} biases {biases} {(double)biases.All / whole.All:0.000} tape {(double)biases.Tape / whole.Tape:0.000} heads {heads} {(double)heads.All / whole.All:0.000} tape {(double)heads.Tape / whole.Tape:0.000}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_9h_Explore_scratch(long seed)
    {
        var network = FineTunedNetworks.Digits(seed);
        var (sharp, few, unseen) = (GlyphDigits.Generate(3000, seed), Faint(100, 100 + seed), Faint(1000, 200 + seed));
        var trained = Train(network, [.. network.Initial.Values], [.. sharp.Features], [.. sharp.Labels], passes: 3, seed);
        (float[], int[]) Std((float[] Features, int[] Labels) rows) => ([.. rows.Features.Select(x => ((x - 0.2f) / 0.5f - 0.13f) / 0.31f)], rows.Labels);
        foreach (var std in new[] { false, true })
        {
            foreach (var rate in new[] { 0.0005f, 0.001f, 0.002f, 0.005f })
            {
                foreach (var passes in new[] { 30, 60, 150 })
                {
                    var (f, u) = std ? (Std(few), Std(unseen)) : (few, unseen);
                    var scratch = Train(network, [.. network.Initial.Values], f.Item1, f.Item2, passes, seed, rate);
                    var head = std ? trained : Train(network.Masked(TrainableMask.HeadOnly), [.. trained], few.Features, few.Labels, passes, seed, rate);
                    TestContext.Current.SendDiagnosticMessage($"9S seed {seed} std {std} rate {rate} passes {passes}: scratch {Accuracy(network, scratch, u):0.000} head {(std ? 0 : Accuracy(network, head, unseen)):0.000}");
                }
            }
        }
    }

    [Fact]
    public void AT_9h_A_head_learns_faint_digits_from_100_labels_ten_points_better_than_a_network_from_scratch()
    {
        double[] gained = [Gained(0), Gained(1), Gained(2)];

        Assert.InRange(gained.Average(), 0.1, 1);
        Assert.All(gained, gain => Assert.InRange(gain, 0.08, 1));
    }

    /// <summary>Accuracy on unseen faint digits of a head on a trunk that knows sharp ones, over that of a network from scratch.</summary>
    private static double Gained(long seed)
    {
        var network = FineTunedNetworks.Digits(seed);
        var (sharp, few, unseen) = (GlyphDigits.Generate(3000, seed), Faint(100, 100 + seed), Faint(1000, 200 + seed));
        var trained = Train(network, [.. network.Initial.Values], [.. sharp.Features], [.. sharp.Labels], passes: 3, seed);

        var head = Train(network.Masked(TrainableMask.HeadOnly), [.. trained], few.Features, few.Labels, passes: 60, seed);
        var scratch = Train(network, [.. network.Initial.Values], few.Features, few.Labels, passes: 60, seed);

        foreach (var slice in network.Plan.Slices)
        {
            if (slice.Name.StartsWith("exit", StringComparison.Ordinal)) { continue; }
            Assert.True(slice.Of(trained.AsSpan()).SequenceEqual(slice.Of(head.AsSpan())));     // the trunk is what it was
        }

        return Accuracy(network, head, unseen) - Accuracy(network, scratch, unseen);
    }

    /// <summary>Digits in faint ink on gray paper: 0.2 + 0.5 · gray value.</summary>
    private static (float[] Features, int[] Labels) Faint(int count, long seed)
    {
        var digits = GlyphDigits.Generate(count, seed);
        return ([.. digits.Features.Select(x => 0.2f + (0.5f * x))], [.. digits.Labels]);
    }

    private static float[] Train(Network network, float[] weights, float[] features, int[] labels, int passes, long seed, float rate = 0.002f)
    {
        var optimizer = new Adam(rate);
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

    private static double Accuracy(Network network, float[] weights, (float[] Features, int[] Labels) rows) => Evaluation.Of(
        network, new() { Version = 1, SchemaHash = network.Plan.SchemaHash, Values = [.. weights] }, new(rows.Features, rows.Labels))
        .Accuracy;

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
