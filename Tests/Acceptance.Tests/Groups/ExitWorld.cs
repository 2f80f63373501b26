using StreamLearn;
using StreamLearn.Models;

namespace Acceptance.Tests;

/// <summary>
/// A network that learned from some groups, thresholds chosen on other rows of the same groups, and groups that neither has seen.
/// </summary>
internal sealed class ExitWorld
{
    private const int BlockRows = 8;
    private readonly Network _network;
    private readonly float[] _weights;

    private ExitWorld(Network network, float[] weights, LabeledRows choosing)
    {
        (_network, _weights) = (network, weights);
        Curve = ExitTuner.Choose(Logits(choosing), choosing.Labels, network.MultiplyAddsTo);
    }

    internal ExitCurve Curve { get; }

    /// <summary>Each group that did not learn, in an order of the seed.</summary>
    internal required ExitGroup[] Unseen { get; init; }

    /// <summary>Draws the groups that learn. Of their rows, every fifth block of eight chooses thresholds, and the others train.</summary>
    internal static ExitWorld Of(IReadOnlyList<Group> groups, int classes, int learning, Fit fit, long seed)
    {
        var order = new LabeledRows(new float[groups.Count], new int[groups.Count]).Shuffled(new RandomStream(seed, "groups"));
        Group[] learners = [.. order.Take(learning).Select(g => groups[g])];
        var (training, choosing) = (Part(isChoosing: false), Part(isChoosing: true));
        var scaling = new Scaling(training);
        (training, choosing) = (scaling.Of(training), scaling.Of(choosing));
        var network = new Network(
            new(training.Width),
            classes,
            [new Dense(16), new Relu(), new Dense(128), new Relu(), new Dense(256), new Relu()],
            [new(1, new Dense(classes), 0.5f), new(5, new Dense(classes))],
            seed);
        return new(network, fit.Train(network, training, seed), choosing)
        {
            Unseen = [.. order.Skip(learning).Select(g => new ExitGroup(scaling.Of(groups[g].Rows)))],
        };

        LabeledRows Part(bool isChoosing) => LabeledRows.Of(learners.Select(l =>
            l.Rows.Take([.. Enumerable.Range(0, l.Rows.Count).Where(r => r / BlockRows % 5 == 4 == isChoosing)])));
    }

    /// <summary>Judges the choices on some groups, each as often as it was drawn. <paramref name="byGroup"/>: false: as if their rows were
    /// independent of each other.</summary>
    internal ExitJudgement Judge(IReadOnlyList<ExitGroup> groups, bool byGroup)
    {
        var rows = LabeledRows.Of(groups.Select(static g => g.Rows));
        int[] owners = [.. groups.SelectMany(static (g, i) => Enumerable.Repeat(i, g.Rows.Count))];
        return byGroup ? ExitTuner.Judge(Curve, Logits(rows), rows.Labels, owners) : ExitTuner.Judge(Curve, Logits(rows), rows.Labels);
    }

    private float[] Logits(LabeledRows rows)
    {
        var logits = new float[_network.Exits.Length * rows.Count * _network.Plan.Outputs];
        _network.Logits(_weights, new(rows.Features, rows.Count), logits, new());
        return logits;
    }

    /// <summary>Brings every column to mean 0 and deviation 1 of the training rows.</summary>
    private sealed class Scaling
    {
        private readonly (float Mean, float Deviation)[] _columns;

        internal Scaling(LabeledRows rows) => _columns = [.. Enumerable.Range(0, rows.Width).Select(c =>
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

        internal LabeledRows Of(LabeledRows rows) => rows with
        {
            Features = [.. rows.Features.Select((v, i) => (v - _columns[i % _columns.Length].Mean) / _columns[i % _columns.Length].Deviation)],
        };
    }
}

/// <summary>The rows of a group that did not learn.</summary>
internal sealed record ExitGroup(LabeledRows Rows);
