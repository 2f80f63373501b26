namespace Acceptance.Tests;

/// <summary>Section 1.6: optimizers on the server, two steps of each worked by hand.</summary>
/// <remarks>
/// Two devices with 30 and 10 samples send (0.2, −0.4) and (−0.2, 0.8), so that d = (0.1, −0.1); then (0.4, 0.1) and (0, 0.1), so that
/// d = (0.3, 0.1).
/// </remarks>
public sealed class At01ServerOptimizers
{
    private const double Tolerance = 1e-6;

    [Fact]
    public void AT_1i_FedAvgM_steps_as_worked_by_hand()
    {
        // m = (0.1, −0.1); m = 0.9·m + d = (0.39, 0.01); w moves by m at rate 1
        Expect(new FedAvgM(2), [0.1, -0.1], [0.49, -0.09]);
    }

    [Fact]
    public void AT_1i_FedAdagrad_steps_as_worked_by_hand()
    {
        // m = 0.1·d = (0.01, −0.01); q = d² = (0.01, 0.01); 0.01·0.01 / (0.1 + 0.001) = 0.0009900990
        // m = 0.9·m + 0.1·d = (0.039, 0.001); q = (0.10, 0.02); 0.01·0.039 / (0.3162277660 + 0.001) = 0.0012294006;
        // 0.01·0.001 / (0.1414213562 + 0.001) = 0.0000702142
        Expect(new FedAdagrad(2), [0.0009900990, -0.0009900990], [0.0009900990 + 0.0012294006, -0.0009900990 + 0.0000702142]);
    }

    [Fact]
    public void AT_1i_FedAdam_steps_as_worked_by_hand()
    {
        // m = (0.01, −0.01); q = 0.01·d² = (0.0001, 0.0001); 0.01·0.01 / (0.01 + 0.001) = 0.0090909091
        // m = (0.039, 0.001); q = 0.99·q + 0.01·d² = (0.000999, 0.000199); 0.01·0.039 / (0.0316069613 + 0.001) = 0.0119606357;
        // 0.01·0.001 / (0.0141067360 + 0.001) = 0.0006619564
        Expect(new FedAdam(2), [0.0090909091, -0.0090909091], [0.0090909091 + 0.0119606357, -0.0090909091 + 0.0006619564]);
    }

    [Fact]
    public void AT_1i_FedYogi_steps_as_worked_by_hand()
    {
        // q = 0 − 0.01·d²·sign(0 − d²) = (0.0001, 0.0001), as with FedAdam
        // then q < d² in both: q = (0.0001 + 0.01·0.09, 0.0001 + 0.01·0.01) = (0.001, 0.0002);
        // 0.01·0.039 / (0.0316227766 + 0.001) = 0.0119548377; 0.01·0.001 / (0.0141421356 + 0.001) = 0.0006604088
        Expect(new FedYogi(2), [0.0090909091, -0.0090909091], [0.0090909091 + 0.0119548377, -0.0090909091 + 0.0006604088]);
    }

    private static void Expect(Strategy strategy, double[] first, double[] second)
    {
        var model = new SoftmaxRegression(1, 2, seed: 1);
        using var probe = OperatorProbe.Of<WeightDelta, Weights, Round>(flow => flow.Aggregate(model, strategy));
        WeightDelta Update(string device, long round, int samples, float x, float y) => new()
        {
            Device = device,
            Epoch = 1,
            Sequence = round,
            BaseVersion = round - 1,
            Samples = samples,
            Steps = 1,
            SchemaHash = model.Plan.SchemaHash,
            Values = [0, 0, x, y, 0, 0],
        };

        probe.Send(Update("a", 1, 30, 0.2f, -0.4f));
        probe.Send(Update("b", 1, 10, -0.2f, 0.8f));
        probe.Send(Update("a", 2, 30, 0.4f, 0.1f));
        probe.Send(Update("b", 2, 10, 0, 0.1f));

        foreach (var (expected, version) in new[] { first, second }.Zip(probe.TakeAll<Weights>()))
        {
            Assert.Equal(expected[0], version.Values[2] - (double)model.Initial.Values[2], Tolerance);
            Assert.Equal(expected[1], version.Values[3] - (double)model.Initial.Values[3], Tolerance);
        }
    }
}
