namespace StreamLearn.Models;

/// <summary>Early-exit inference.</summary>
public static partial class EarlyExits
{
    /// <summary>So few rows that their activations stay in the cache of a core.</summary>
    internal const int TileRows = 32;

    /// <summary>Answers each row at the first exit that the rule allows.</summary>
    /// <remarks>Shape: [rows, input] to [rows, classes] and an exit for each row. Rows are independent. Cost:
    /// <see cref="IStagedModel.MultiplyAddsTo"/> of each row's exit; no allocation once <paramref name="memory"/> has grown. Source:
    /// Teerapittayanon, McDanel, Kung (2016), BranchyNet.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="sample">Rows; labels are ignored.</param>
    /// <param name="rule">Decides when a row exits.</param>
    /// <param name="probabilities">Written: class probabilities at each row's exit, <c>[rows, classes]</c>.</param>
    /// <param name="exits">Written: each row's exit, from 0.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <returns>Multiply-adds executed.</returns>
    /// <exception cref="ArgumentException">The rule's thresholds or a span have the wrong length.</exception>
    public static long Answer(
        this IStagedModel model, ReadOnlySpan<float> weights, in Sample sample, ExitRule rule, Span<float> probabilities, Span<int> exits,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(memory);
        var classes = model.Plan.Outputs;
        Check(model, rule);
        sample.Require(model.Plan);
        NetworkLayout.Expect(model.Plan.Values, weights.Length, "weights");
        Expect(sample.Rows * classes, probabilities.Length, nameof(probabilities));
        Expect(sample.Rows, exits.Length, nameof(exits));
        var executed = 0L;
        for (var first = 0; first < sample.Rows; first += TileRows)
        {
            var rows = Math.Min(TileRows, sample.Rows - first);
            executed += AnswerTile(model, weights, RowsOf(model, sample, first, rows), rule,
                probabilities.Slice(first * classes, rows * classes), exits.Slice(first, rows), memory);
        }

        return executed;
    }

    /// <summary>Computes the scores of every exit for every row, for choosing thresholds.</summary>
    /// <remarks>Shape: [rows, input] to [exits, rows, classes]. Cost: one full pass of the network.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="sample">Rows; labels are ignored.</param>
    /// <param name="logits">Written: scores, <c>[exits, rows, classes]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">The scores have the wrong length.</exception>
    public static void Logits(this IStagedModel model, ReadOnlySpan<float> weights, in Sample sample, Span<float> logits, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(memory);
        var (rows, classes) = (sample.Rows, model.Plan.Outputs);
        sample.Require(model.Plan);
        NetworkLayout.Expect(model.Plan.Values, weights.Length, "weights");
        Expect(model.ExitCount * rows * classes, logits.Length, nameof(logits));
        for (var first = 0; first < rows; first += TileRows)
        {
            var mark = memory.Mark();
            var tile = Math.Min(TileRows, rows - first);
            var inputs = RowsOf(model, sample, first, tile).Features;
            for (var exit = 0; exit < model.ExitCount; exit++)
            {
                var activations = memory.Rent(tile * model.BoundaryAt(exit).Size);
                model.Trunk(exit, weights, inputs, tile, activations, memory);
                model.Head(exit, weights, activations, tile, logits.Slice(((exit * rows) + first) * classes, tile * classes), memory);
                inputs = activations;
            }

            memory.Release(mark);
        }
    }

    internal static void Check(IStagedModel model, ExitRule rule)
    {
        if (rule.Thresholds.Length != model.ExitCount - 1)
        {
            throw new ArgumentException(
                $"expected {model.ExitCount - 1} thresholds for a network with {model.ExitCount} exits, got {rule.Thresholds.Length}",
                nameof(rule));
        }
    }

    private static long AnswerTile(
        IStagedModel model, ReadOnlySpan<float> weights, in Sample sample, ExitRule rule, Span<float> probabilities, Span<int> exits,
        Workspace memory)
    {
        var mark = memory.Mark();
        exits.Fill(-1);
        var (executed, left) = (0L, sample.Rows);
        var inputs = sample.Features;
        for (var exit = 0; left > 0; exit++)
        {
            var width = model.BoundaryAt(exit).Size;
            var activations = memory.Rent(left * width);
            var logits = memory.Rent(left * model.Plan.Outputs);
            model.Trunk(exit, weights, inputs, left, activations, memory);
            model.Head(exit, weights, activations, left, logits, memory);
            executed += left * (model.MultiplyAddsTo[exit] - (exit == 0 ? 0 : model.MultiplyAddsTo[exit - 1]));
            left = Leave(rule, exit, logits, activations, left, probabilities, exits, answersAll: false);
            inputs = activations[..(left * width)];
        }

        memory.Release(mark);
        return executed;
    }

    internal static int Leave(
        ExitRule rule, int exit, ReadOnlySpan<float> logits, Span<float> activations, int rows, Span<float> probabilities,
        Span<int> exits, bool answersAll)
    {
        var (classes, width) = (logits.Length / rows, activations.Length / rows);
        var (stay, row) = (0, -1);
        for (var i = 0; i < rows; i++)
        {
            do { row++; } while (exits[row] >= 0);
            var scores = logits.Slice(i * classes, classes);
            var leaves = rule.Leaves(exit, scores);
            if (leaves || answersAll) { Certainty.Probabilities(scores, rule.Temperature, probabilities.Slice(row * classes, classes)); }
            if (leaves)
            {
                exits[row] = exit;
                continue;
            }

            if (stay != i) { activations.Slice(i * width, width).CopyTo(activations.Slice(stay * width, width)); }
            stay++;
        }

        return stay;
    }

    private static Sample RowsOf(IStagedModel model, in Sample sample, int first, int rows)
    {
        var width = model.Plan.Input.Size;
        return new(sample.Features.Slice(first * width, rows * width), rows);
    }

    private static void Expect(int expected, int actual, string name)
    {
        if (actual != expected) { throw new ArgumentException($"expected {expected} values of {name}, got {actual}", name); }
    }
}
