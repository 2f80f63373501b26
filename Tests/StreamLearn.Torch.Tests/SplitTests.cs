using StreamLearn.Models;
using StreamLearn.Nodes;
using static TorchSharp.torch.nn;
using Activations = StreamLearn.Learning.Activations;

namespace StreamLearn.Torch.Tests;

/// <summary>Split training of a module in stages: device and edge together learn what one of them alone would.</summary>
public sealed class SplitTests
{
    private const int Batches = 80, BatchRows = 8;
    private static readonly Schema Columns = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void Both_sides_learn_what_one_alone_does(int split)
    {
        var model = new TorchModel("stages", new(2), 2, static () => new TorchExits(
            new TorchStage(Sequential(("scale", new InputScale(2)), ("a", Linear(2, 8)), ("n", BatchNorm1d(8)), ("r", ReLU())), null),
            new TorchStage(Sequential(("b", Linear(8, 8)), ("r", ReLU())), Linear(8, 2), LossWeight: 0.5f),
            new TorchStage(Sequential(("c", Linear(8, 8)), ("r", Tanh())), Linear(8, 2))), new() { Seed = 3 });
        var (alone, first) = Train(model, model.PartCount);
        var (joined, _) = Train(model, split);
        Assert.Equal(alone.Sha256(), joined.Sha256());
        Assert.Equal((3, 2), (model.PartCount, model.ExitCount));
        Assert.True(first.Evaluation!.Correct > 0.8 * first.Evaluation.Rows);
        Assert.NotEqual(model.Initial.Values[model.Plan.Find("trunk0.n.running_mean")!.Offset],
            joined.Values[model.Plan.Find("trunk0.n.running_mean")!.Offset]);
    }

    /// <summary>The operators of the probes resume from a saved state at every call, the batch in flight among it.</summary>
    private static (Weights Joined, SplitReport Last) Train(TorchModel model, int split)
    {
        var options = new SplitTrainOptions { Epoch = 0, BatchRows = BatchRows, ReportEvery = int.MaxValue };
        using var device = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(
            rows.SplitTrain(model, split, p.Input<BoundaryGradients>("gradients"), options: options)), Columns);
        using var edge = OperatorProbe.Of<Activations, BoundaryGradients, SplitReport>(
            flow => flow.SplitTrain(model, split, options: options));
        for (var number = 0; number < Batches; number++)
        {
            device.Send(BatchOf(device.Pool, number));
            foreach (var sent in device.TakeAll<Activations>())
            {
                edge.Send(sent);
                foreach (var gradients in edge.TakeAll<BoundaryGradients>()) { device.Control(gradients); }
            }
        }

        device.Complete();
        edge.Complete();
        var (front, tail) = (device.TakeAll<SplitReport>(1)[^1], edge.TakeAll<SplitReport>(1)[^1]);
        return (SplitReport.Join(model, front, tail), tail.Evaluation is null ? front : tail);
    }

    private static Batch BatchOf(BatchPool pool, int number)
    {
        var (random, x, y, labels) = (new RandomStream(number, "split"), new float[BatchRows], new float[BatchRows], new int[BatchRows]);
        for (var r = 0; r < BatchRows; r++)
        {
            labels[r] = random.NextInt32(2);
            (x[r], y[r]) = ((float)(random.NextGaussian() + (6 * labels[r])), (float)random.NextGaussian());
        }
        return StreamLearn.Testing.Batches.Of(pool, Columns, x, y, labels);
    }
}
