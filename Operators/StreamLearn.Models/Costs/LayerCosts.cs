namespace StreamLearn.Models;

/// <summary>Costs of one layer, per row.</summary>
/// <param name="Name">The layer, as it prints.</param>
/// <param name="Outputs">Output values.</param>
/// <param name="MultiplyAdds">Multiply-adds forward.</param>
/// <param name="BackwardMultiplyAdds">Multiply-adds backward.</param>
/// <param name="Parameters">Values it holds, with statistics and the exit after it.</param>
public readonly record struct LayerCost(string Name, int Outputs, long MultiplyAdds, long BackwardMultiplyAdds, long Parameters);

/// <summary>Costs of a model's layers that do not depend on the device; for seconds, see <see cref="LayerTimes"/>.</summary>
/// <remarks>Layers count from 0; boundary i lies before layer i. An exit belongs to the layer before it.</remarks>
/// <param name="Inputs">Values per row before the first layer.</param>
/// <param name="Layers">The layers, in order, at least one.</param>
public sealed record LayerCosts(int Inputs, ImmutableArray<LayerCost> Layers)
{
    /// <summary>Number of layers; a split there leaves no layers for the other side.</summary>
    public int Count => Layers.Length;

    /// <summary>Forward multiply-adds per row through all layers.</summary>
    public long MultiplyAdds => MultiplyAddsOf(0, Count);

    /// <summary>Values that all layers hold.</summary>
    public long Parameters => ParametersOf(0, Count);

    /// <summary>Returns the costs of a model.</summary>
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

    /// <summary>Returns the number of values per row at a boundary.</summary>
    /// <param name="boundary">The boundary, from 0, the inputs, to <see cref="Count"/>, the outputs.</param>
    public int ValuesAt(int boundary) => boundary == 0 ? Inputs : Layers[boundary - 1].Outputs;

    /// <summary>Returns the forward multiply-adds per row in layers [first, end).</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The end, exclusive.</param>
    public long MultiplyAddsOf(int first, int end)
    {
        var sum = 0L;
        for (var i = first; i < end; i++) { sum += Layers[i].MultiplyAdds; }
        return sum;
    }

    /// <summary>Returns the number of values that layers [first, end) hold.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The end, exclusive.</param>
    public long ParametersOf(int first, int end)
    {
        var sum = 0L;
        for (var i = first; i < end; i++) { sum += Layers[i].Parameters; }
        return sum;
    }

    /// <summary>Counts the bytes for training layers [first, end): weights, gradients, optimizer state, activations.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The end, exclusive.</param>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="optimizerValues">State values per weight: <see cref="Optimizer.StateValues"/>.</param>
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
