namespace Acceptance.Tests;

/// <summary>What is promised of early exits, on rows that neither chose them nor judged them: of MNIST and of recorded people where they
/// are there, else of generated ones.</summary>
public sealed class ExitPromiseOnDataTests(ITestOutputHelper output)
{
    private const int Splits = 40;

    [Fact]
    public void On_digits_a_promise_of_half_a_point_holds_in_19_of_20_splits()
    {
        var (training, unseen, _) = LabeledRows.Digits(12_000);
        Holds(0.005, NetworkOf(training, 10), new(2, 32, new Sgd(0.05f, 0.9f, float.PositiveInfinity)), training, unseen);
    }

    [Fact]
    public void On_movements_a_promise_of_a_point_holds_in_19_of_20_splits()
    {
        var (training, unseen, _) = Movements.Load();
        Holds(0.01, NetworkOf(training, Movements.Classes), new(3, 32, new Adam(0.001f)), training, unseen);
    }

    private static Network NetworkOf(LabeledRows rows, int classes) => new(
        new(rows.Width),
        classes,
        [new Dense(32), new Relu(), new Dense(128), new Relu(), new Dense(128), new Relu()],
        [new(1, new Dense(classes), 0.5f), new(5, new Dense(classes))],
        seed: 1);

    /// <summary>A fifth of the rows chooses thresholds, two fifths judge them, and the rest shows what the promise was worth.</summary>
    private void Holds(double drop, Network network, Fit fit, LabeledRows training, LabeledRows unseen)
    {
        var weights = fit.Train(network, training);
        var (exits, classes) = (network.Exits.Length, network.Plan.Outputs);
        var logits = new float[exits * unseen.Count * classes];
        network.Logits(weights, new(unseen.Features, unseen.Count), logits, new());
        var (promises, broken, work) = (0, 0, 0.0);
        for (var split = 0; split < Splits; split++)
        {
            var order = unseen.Shuffled(new RandomStream(split, "split"));
            var fifth = order.Length / 5;
            var (choosing, judging, rest) = (Part(order[..fifth]), Part(order[fifth..(3 * fifth)]), Part(order[(3 * fifth)..]));
            var curve = ExitTuner.Choose(choosing.Logits, choosing.Labels, network.MultiplyAddsTo);
            var promise = ExitTuner.Judge(curve, judging.Logits, judging.Labels).CheapestWithin(drop);
            if (promise.Index is not { } index) { continue; }
            var outcome = ExitTuner.Judge(curve, rest.Logits, rest.Labels).Outcomes[index];
            promises++;
            broken += (double)(outcome.Lost - outcome.Gained) / rest.Labels.Length > drop ? 1 : 0;
            work += curve.Points[index].WorkFraction;
        }

        var share = work / Math.Max(1, promises);
        output.WriteLine(FormattableString.Invariant(
            $"{network.Structure}: {broken} of {promises} promises in {Splits} splits broken, {share:P0} of the work"));
        Assert.True(promises >= Splits / 4, $"{promises} promises");
        Assert.True(broken <= Splits / 20, $"{broken} of {promises} promises broken");

        (float[] Logits, int[] Labels) Part(int[] rows)
        {
            var (values, labels) = (new float[exits * rows.Length * classes], Array.ConvertAll(rows, r => unseen.Labels[r]));
            for (var e = 0; e < exits; e++)
            {
                for (var i = 0; i < rows.Length; i++)
                {
                    logits.AsSpan(((e * unseen.Count) + rows[i]) * classes, classes)
                        .CopyTo(values.AsSpan(((e * rows.Length) + i) * classes));
                }
            }

            return (values, labels);
        }
    }
}
