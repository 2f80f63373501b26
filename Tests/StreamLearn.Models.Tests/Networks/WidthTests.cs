using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace StreamLearn.Models.Tests;

/// <summary>The width of the vectors does not enter the bits: of layers, losses, optimizers and models, in processes of their
/// own.</summary>
public sealed class WidthTests
{
    private static readonly Optimizer[] Optimizers =
    [
        new Sgd(0.05f), new Sgd(0.05f, 0.9f, float.PositiveInfinity) { Nesterov = true, WeightDecay = 0.01f },
        new Sgd(0.05f, 0.9f, float.PositiveInfinity), new Adam(0.01f), new AdamW(0.01f) { ClipNorm = 0.1f }, new RmsProp(0.01f),
        new AdaGrad(0.1f),
    ];

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0", 512)]
    [InlineData("DOTNET_PreferredVectorBitWidth", "128", 256)]
    public async Task Narrower_vectors_give_the_same_bits(string variable, string value, int narrowerThan)
    {
        var (widest, digests) = await NarrowProcess.RunAsync("StreamLearn.Models.Tests.dll",
            $"*{nameof(WidthTests)}.{nameof(All_that_is_computed_has_one_digest)}", variable, value, TimeSpan.FromMinutes(5));
        if (NarrowProcess.Widest >= narrowerThan) { Assert.InRange(widest, 128, narrowerThan - 1); }
        Assert.Equal(Digests(), digests);
    }

    [Fact]
    public void All_that_is_computed_has_one_digest()
    {
        var digests = Digests();
        Assert.Equal(digests, Digests());
        NarrowProcess.Answer(digests);
    }

    /// <summary>A line for each kind of computation, so that a difference has a name.</summary>
    private static string[] Digests() =>
    [
        .. Enumerable.Range(0, LayerCase.All.Count).Select(OfLayer), .. LossCase.All.Select(OfLoss),
        .. Optimizers.Select(o => OfSteps(ReferenceModels.Mlp(23, [37, 5], 3), o, 7)),
        .. Models().Select(m => OfSteps(m, Optimizers[0], 3)),
    ];

    private static IModel[] Models() =>
    [
        ReferenceModels.SvmSmooth(19), ReferenceModels.LinReg(19), ReferenceModels.KMeans(19, 5), new KMeans(19, 5, counts: true),
        new SoftmaxRegression(19, 6), ReferenceModels.Softmax(561, 6), ReferenceModels.Mlp(561, [64], 6), ReferenceModels.HarConv(),
        ReferenceModels.CnnSmall(), ReferenceModels.Vgg5(), HarNetwork.Create(),
    ];

    private static string OfLayer(int place)
    {
        var it = LayerCase.At(place);
        var (outputs, _) = it.Forward(0, it.Count);
        var gradients = new float[it.Weights.Length];
        var (answers, inputGradients) = (it.Forward(0, it.Count, taped: false).Outputs, it.Backward(0, it.Count, gradients));
        return Line($"{it.Layer} on {it.Input}", outputs, answers, inputGradients, gradients);
    }

    private static string OfLoss(Func<LossCase> make)
    {
        var it = make();
        var (loss, gradient) = it.Run(0, it.Rows);
        var answers = it.Outputs.ToArray();
        it.Loss.Answer(answers, it.Rows);
        return Line($"{it.Loss} of {it.Width}", [(float)loss], gradient, answers);
    }

    private static string OfSteps(IModel model, Optimizer optimizer, int rows)
    {
        var random = new RandomStream(31, "width");
        float[] features = [.. Enumerable.Range(0, rows * model.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        int[] labels = [.. Enumerable.Range(0, rows).Select(_ => random.NextInt32(Math.Max(1, model.Plan.Classes)))];
        float[] targets = model.Plan.Target == TargetKind.Value ? features[..rows] : [];
        float[] weights = [.. model.Initial.Values], gradients = new float[weights.Length];
        var outputs = new float[rows * model.Plan.Outputs];
        var (state, memory, losses) = (new float[optimizer.StateValues * weights.Length], new Workspace(), new float[3]);
        for (var step = 1; step <= losses.Length; step++)
        {
            losses[step - 1] = model.Step(
                weights, new(features, labels) { Number = step, Targets = targets }, optimizer, state, step, gradients, memory);
        }

        model.Infer(weights, new(features, rows), outputs, memory);
        return Line($"{model.Structure} by {optimizer}", losses, weights, state, outputs);
    }

    private static string Line(string name, params float[][] results)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var result in results) { hash.AppendData(MemoryMarshal.AsBytes(result.AsSpan())); }
        return $"{name}: {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
