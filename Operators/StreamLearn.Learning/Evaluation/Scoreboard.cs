using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>Counts answers against labels.</summary>
internal sealed class Scoreboard(IModel model)
{
    private readonly long[] _confusion = new long[model.Plan.Outputs * model.Plan.Outputs];
    private double _loss;
    private long _correct;

    internal long Rows { get; private set; }

    /// <summary>The class of the highest probability; the first of equals.</summary>
    internal static int Answer(ReadOnlySpan<float> probabilities)
    {
        var best = 0;
        for (var c = 1; c < probabilities.Length; c++)
        {
            if (probabilities[c] > probabilities[best]) { best = c; }
        }

        return best;
    }

    /// <summary>Asks the model for each row and counts what it says, in row order.</summary>
    internal void Score(ReadOnlySpan<float> weights, in Sample rows, ReadOnlySpan<int> labels, Workspace memory)
    {
        var mark = memory.Mark();
        var classes = model.Plan.Outputs;
        var outputs = memory.Rent(labels.Length * classes);
        model.Infer(weights, rows, outputs, memory);
        Count(outputs, labels);
        memory.Release(mark);
    }

    /// <summary>Counts answers, <c>[rows, classes]</c>, in row order.</summary>
    internal void Count(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels)
    {
        var classes = model.Plan.Outputs;
        for (var r = 0; r < labels.Length; r++)
        {
            var probabilities = outputs.Slice(r * classes, classes);
            var answer = Answer(probabilities);
            _confusion[(labels[r] * classes) + answer]++;
            _loss += ProbabilityScores.LogLoss(probabilities, labels[r]);
            if (answer == labels[r]) { _correct++; }
        }

        Rows += labels.Length;
    }

    /// <summary>Gives what was counted since the last take, and starts anew.</summary>
    internal Evaluation Take(string device, long version)
    {
        var taken = new Evaluation
        {
            Device = device,
            ModelVersion = version,
            Rows = Rows,
            Correct = _correct,
            Loss = Rows == 0 ? 0 : _loss / Rows,
            Confusion = ImmutableArray.Create(_confusion),
        };
        (Rows, _correct, _loss) = (0, 0, 0);
        Array.Clear(_confusion);
        return taken;
    }
}
