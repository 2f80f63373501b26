namespace StreamLearn.Models;

public static partial class EarlyExits
{
    /// <summary>Runs layers [from, to). Sure rows leave at exits in between; the others continue with the values before layer
    /// <paramref name="to"/>.</summary>
    /// <remarks> Shape: [rows, values at from] to an exit and [rows, classes] for each row, and [rows that stay, values at to]. At the
    /// network's last exit all rows leave. Results depend neither on other rows nor on the cut: [0, p), then [p, end) give the same bits as
    /// <see cref="Answer"/>. Cost: the multiply-adds up to each row's exit; no allocation once <paramref name="memory"/> has grown. Source:
    /// Teerapittayanon, McDanel, Kung (2017), DDNN. </remarks>
    /// <param name="model">The network.</param>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="from">The first layer, from 0.</param>
    /// <param name="to">One past the last layer; if it equals <paramref name="from"/>, all rows stay.</param>
    /// <param name="inputs">Inputs of layer <paramref name="from"/>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="rule">When a row exits.</param>
    /// <param name="probabilities">Written: probabilities at the last exit reached, <c>[rows, classes]</c>; unchanged if none.</param>
    /// <param name="exits">Written: each row's exit; below 0: it stays.</param>
    /// <param name="staying">Written: the staying rows, in order; room for all.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <returns>Multiply-adds executed.</returns>
    /// <exception cref="ArgumentException">The layers, the rule or the length of a span do not fit.</exception>
    public static long AnswerPart(this Network model, ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows,
        ExitRule rule, Span<float> probabilities, Span<int> exits, Span<float> staying, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(memory);
        Check(model, rule);
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
        for (var row = 0; row < rows; row += TileRows)
        {
            var tile = Math.Min(TileRows, rows - row);
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
            left = Leave(rule, exit, logits, activations, left, probabilities, exits, answersAll: true);
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
