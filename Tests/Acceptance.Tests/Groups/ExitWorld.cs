namespace Acceptance.Tests;

/// <summary>
/// A network that learned from some groups, thresholds chosen on other rows of the same groups, and groups that neither has seen.
/// </summary>
internal sealed class ExitWorld
{
    private const int BlockRows = 8;

    private ExitWorld(Network network, float[] weights, LabeledRows choosing)
    {
        (Network, Weights, Choosing) = (network, weights, choosing);
        Curve = ExitTuner.Choose(Logits(choosing), choosing.Labels, network.MultiplyAddsTo, toClosed: true);
    }

    internal Network Network { get; }

    internal float[] Weights { get; }

    internal LabeledRows Choosing { get; }

    internal ExitCurve Curve { get; }

    /// <summary>The rows of each group that did not learn, in an order of the seed.</summary>
    internal required LabeledRows[] Unseen { get; init; }

    /// <summary>Draws the groups that learn. Of their rows, every fifth block of eight chooses thresholds, and the others train.
    /// <paramref name="later"/>: the groups as those who did not learn come; null: as they are.</summary>
    internal static ExitWorld Of(
        IReadOnlyList<Group> groups, int classes, int learning, Fit fit, long seed, IReadOnlyList<Group>? later = null)
    {
        var order = new LabeledRows([], new int[groups.Count]).Shuffled(new RandomStream(seed, "groups"));
        Group[] learners = [.. order.Take(learning).Select(g => groups[g])];
        var (training, choosing) = (Part(isChoosing: false), Part(isChoosing: true));
        var scaling = ScalingOf(training);
        (training, choosing) = (Scaled(training, scaling), Scaled(choosing, scaling));
        var network = new Network(
            new(training.Width),
            classes,
            [new Dense(4), new Relu(), new Dense(128), new Relu(), new Dense(256), new Relu()],
            [new(1, new Dense(classes), 0.5f), new(5, new Dense(classes))],
            seed);
        return new(network, fit.Train(network, training, seed), choosing)
        {
            Unseen = [.. order.Skip(learning).Select(g => Scaled((later ?? groups)[g].Rows, scaling))],
        };

        LabeledRows Part(bool isChoosing) => LabeledRows.Of(learners.Select(l =>
            l.Rows.Take([.. Enumerable.Range(0, l.Rows.Count).Where(r => r / BlockRows % 5 == 4 == isChoosing)])));
    }

    internal ExitJudgement Judge(IReadOnlyList<LabeledRows> groups)
    {
        var rows = LabeledRows.Of(groups);
        int[] owners = [.. groups.SelectMany(static (g, i) => Enumerable.Repeat(i, g.Count))];
        return ExitTuner.Judge(Curve, Logits(rows), rows.Labels, owners);
    }

    private float[] Logits(LabeledRows rows)
    {
        var logits = new float[Network.Exits.Length * rows.Count * Network.Plan.Outputs];
        Network.Logits(Weights, new(rows.Features, rows.Count), logits, new());
        return logits;
    }

    private static (float Mean, float Deviation)[] ScalingOf(LabeledRows rows) => [.. Enumerable.Range(0, rows.Width).Select(c =>
    {
        var (sum, squares) = (0.0, 0.0);
        for (var r = 0; r < rows.Count; r++)
        {
            double value = rows.Features[(r * rows.Width) + c];
            (sum, squares) = (sum + value, squares + (value * value));
        }

        var mean = sum / rows.Count;
        return ((float)mean, (float)Math.Sqrt(Math.Max(0.01, (squares / rows.Count) - (mean * mean))));
    })];

    private static LabeledRows Scaled(LabeledRows rows, (float Mean, float Deviation)[] scaling) => rows with
    {
        Features = [.. rows.Features.Select((v, i) => (v - scaling[i % scaling.Length].Mean) / scaling[i % scaling.Length].Deviation)],
    };
}
