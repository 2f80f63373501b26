using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>What one layer of a model computes, gives and holds, for one row.</summary>
/// <param name="Name">The layer, as it prints.</param>
/// <param name="Outputs">Values after it.</param>
/// <param name="MultiplyAdds">Multiply-adds forward.</param>
/// <param name="BackwardMultiplyAdds">Multiply-adds backward.</param>
/// <param name="Parameters">Values that it holds, statistics included; those of the exit after it too.</param>
public readonly record struct LayerCost(string Name, int Outputs, long MultiplyAdds, long BackwardMultiplyAdds, long Parameters);

/// <summary>What the layers of a model cost, whatever computes them: what planners choose by. Seconds are a device's, in
/// <see cref="LayerTimes"/>.</summary>
/// <remarks>Layers are counted from 0, and boundary i lies before layer i. An exit belongs to the layer that its head follows.</remarks>
/// <param name="Inputs">Values of a row before the first layer.</param>
/// <param name="Layers">The layers, in order, at least one.</param>
public sealed record LayerCosts(int Inputs, ImmutableArray<LayerCost> Layers)
{
    /// <summary>Number of layers; a split of so many leaves nothing for the other side.</summary>
    public int Count => Layers.Length;

    /// <summary>Multiply-adds of a row forward through all layers.</summary>
    public long MultiplyAdds => MultiplyAddsOf(0, Count);

    /// <summary>Values that all layers hold.</summary>
    public long Parameters => ParametersOf(0, Count);

    /// <summary>The costs of a model.</summary>
    /// <param name="model">The model.</param>
    public static LayerCosts Of(ISplitModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var names = (model as Network)?.Layers;
        return new(model.ShapeAt(0).Size,
        [
            .. Enumerable.Range(0, model.PartCount).Select(i => new LayerCost(names?[i].ToString() ?? $"part {i}",
                model.ShapeAt(i + 1).Size, model.MultiplyAdds(i, i + 1), model.BackwardMultiplyAdds(i, i + 1),
                model.Slices(i, i + 1).Sum(static slice => (long)slice.Length)))
        ]);
    }

    /// <summary>Values of a row at a boundary.</summary>
    /// <param name="boundary">The boundary, from 0, the inputs, to <see cref="Count"/>, the outputs.</param>
    public int ValuesAt(int boundary) => boundary == 0 ? Inputs : Layers[boundary - 1].Outputs;

    /// <summary>Multiply-adds of a row forward through layers [first, end).</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The layer after the last one.</param>
    public long MultiplyAddsOf(int first, int end)
    {
        var sum = 0L;
        for (var i = first; i < end; i++) { sum += Layers[i].MultiplyAdds; }
        return sum;
    }

    /// <summary>Values that layers [first, end) hold.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The layer after the last one.</param>
    public long ParametersOf(int first, int end)
    {
        var sum = 0L;
        for (var i = first; i < end; i++) { sum += Layers[i].Parameters; }
        return sum;
    }

    /// <summary>
    /// Bytes that training layers [first, end) takes: weights, gradients, what the optimizer remembers, and the activations of a batch.
    /// </summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The layer after the last one.</param>
    /// <param name="rows">Rows of a batch, at least 1.</param>
    /// <param name="optimizerValues">Values that the optimizer remembers of each weight: <see cref="Optimizer.StateValues"/>.</param>
    public long TrainingBytes(int first, int end, int rows, int optimizerValues)
    {
        var activations = first == end ? 0L : ValuesAt(first);
        for (var i = first; i < end; i++) { activations += Layers[i].Outputs; }
        return 4 * (((2 + optimizerValues) * ParametersOf(first, end)) + (rows * activations));
    }

    /// <inheritdoc />
    public bool Equals(LayerCosts? other) =>
        other is not null && Inputs == other.Inputs && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Inputs, Count, MultiplyAdds);
}
