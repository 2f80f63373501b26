namespace StreamLearn.Models.Tests;

/// <summary>A large batch goes through the layers some rows at a time.</summary>
public sealed class TiledStepTests
{
    private const int Rows = 250;
    private static readonly Network Network = ReferenceModels.HarConv(seed: 4);

    [Fact]
    public void A_batch_of_more_rows_than_a_tape_takes_gives_the_gradient_of_all_of_them_at_once()
    {
        Assert.InRange(Network.RowsOfTape, 1, Rows / 2);
        var (features, labels) = Batch();
        var weights = Network.Initial.Values.AsSpan();
        var (tiled, whole, tape) = (new float[weights.Length], new float[weights.Length], new Tape());
        var loss = Network.Loss(weights, new(features, labels), tiled, new());
        Network.Forward(weights, 0, Network.Layers.Length, features, Rows, tape);
        var lossAtOnce = Network.ExitLosses(tape, labels, []);
        Network.Backward(weights, tape, [], whole, []);
        Assert.Equal(lossAtOnce, loss, 1e-6f);      // its parts are added in another order; the gradient's chains are the same
        Assert.Equal(whole.Select(BitConverter.SingleToInt32Bits), tiled.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void A_step_of_many_rows_has_the_bits_of_gradient_and_optimizer()
    {
        var (features, labels) = Batch();
        var (stepped, moved) = (Network.Initial.Values.ToArray(), Network.Initial.Values.ToArray());
        var (gradients, optimizer) = (new float[moved.Length], new Sgd(0.1f, 0, float.PositiveInfinity));
        Network.Step(stepped, new(features, labels), optimizer, new float[moved.Length], 1, new float[moved.Length], new());
        Network.Loss(moved, new(features, labels), gradients, new());
        optimizer.Step(Network.Plan, moved, gradients, new float[moved.Length], 1);
        Assert.Equal(moved.Select(BitConverter.SingleToInt32Bits), stepped.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Rows_that_mix_stay_together() => Assert.Equal(int.MaxValue, ReferenceModels.Vgg5().RowsOfTape);

    private static (float[] Features, int[] Labels) Batch()
    {
        var random = new RandomStream(8, "tiled-step");
        return ([.. Enumerable.Range(0, Rows * Network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())],
            [.. Enumerable.Range(0, Rows).Select(r => r % 6)]);
    }
}
