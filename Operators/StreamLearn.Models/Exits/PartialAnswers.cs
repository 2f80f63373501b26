namespace StreamLearn.Models;

/// <summary>Inference of some of the layers of a network, with the exits among them.</summary>
public static class PartialAnswers
{
    /// <summary>Runs layers [from, to) on rows, lets those leave that an exit among them is sure of, and gives what the others are before
    /// layer <paramref name="to"/>.</summary>
    /// <remarks>
    /// Shape: [rows, values at from] to an exit and [rows, classes] for each row, and [rows that stay, values at to]. The last exit of the
    /// network lets all rows leave. A row's result does not depend on its neighbors, nor on where a network was cut: [0, p) and then
    /// [p, end) on the rows that stay give the bits of <see cref="EarlyExits.Answer"/>. Cost: the multiply-adds up to each row's exit, no
    /// allocation once <paramref name="memory"/> has grown. Source: Teerapittayanon, McDanel, Kung (2017), DDNN.
    /// </remarks>
    /// <param name="model">The network.</param>
    /// <param name="weights">All values of the model.</param>
    /// <param name="from">The first layer, from 0.</param>
    /// <param name="to">The layer after the last one; as <paramref name="from"/>: nothing is run, and all rows stay.</param>
    /// <param name="inputs">Rows as layer <paramref name="from"/> takes them.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="rule">When a row leaves.</param>
    /// <param name="probabilities">For each row those of the exit where it left, or of the last exit that it passed,
    /// <c>[rows, classes]</c>; of a row that passed none what was there.</param>
    /// <param name="exits">The exit at which each row left; below 0: it stays.</param>
    /// <param name="staying">The rows that stay, in order; as many values as all rows would take.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    /// <returns>Multiply-adds executed.</returns>
    /// <exception cref="ArgumentException">There are no such layers, the rule is of another network, or a span has not the length that it
    /// should have.</exception>
    public static long AnswerPart(this Network model, ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows,
        ExitRule rule, Span<float> probabilities, Span<int> exits, Span<float> staying, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(memory);
        EarlyExits.Check(model, rule);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, model.Layers.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        var (first, last, classes) = (model.Boundaries[from].Size, model.Boundaries[to].Size, model.Plan.Outputs);
        NetworkLayout.Expect(model.Plan.Values, weights.Length, "weights");
        NetworkLayout.Expect(rows * first, inputs.Length, "inputs");
        NetworkLayout.Expect(rows * classes, probabilities.Length, "probabilities");
        NetworkLayout.Expect(rows, exits.Length, "exits");
        NetworkLayout.Expect(rows * last, staying.Length, "staying rows");
        var (executed, stay) = (0L, 0);
        for (var row = 0; row < rows; row += EarlyExits.TileRows)
        {
            var tile = Math.Min(EarlyExits.TileRows, rows - row);
            var of = exits.Slice(row, tile);
            executed += Tile(model, weights, (from, to), inputs.Slice(row * first, tile * first), rule,
                probabilities.Slice(row * classes, tile * classes), of, staying[(stay * last)..], memory);
            foreach (var exit in of) { stay += exit < 0 ? 1 : 0; }
        }

        return executed;
    }

    private static long Tile(Network model, ReadOnlySpan<float> weights, (int From, int To) part, ReadOnlySpan<float> inputs,
        ExitRule rule, Span<float> probabilities, Span<int> exits, Span<float> staying, Workspace memory)
    {
        var mark = memory.Mark();
        exits.Fill(-1);
        var (executed, left, from) = (0L, exits.Length, part.From);
        for (var exit = 0; exit < model.ExitCount && left > 0; exit++)
        {
            var end = model.Exits[exit].After + 1;
            if (end <= from) { continue; }
            if (end > part.To) { break; }
            var width = model.Boundaries[end].Size;
            var activations = memory.Rent(left * width);
            var logits = memory.Rent(left * model.Plan.Outputs);
            model.Passes.Trunk(weights, from, end, inputs, left, activations, memory);
            model.Passes.Head(weights, exit, activations, left, logits, memory);
            executed += left * model.MultiplyAdds(from, end);
            left = EarlyExits.Leave(rule, exit, logits, activations, left, probabilities, exits, answersAll: true);
            inputs = activations[..(left * width)];
            from = end;
        }

        if (left > 0)
        {
            model.Passes.Trunk(weights, from, part.To, inputs, left, staying, memory);
            executed += left * model.MultiplyAdds(from, part.To);
        }

        memory.Release(mark);
        return executed;
    }
}
