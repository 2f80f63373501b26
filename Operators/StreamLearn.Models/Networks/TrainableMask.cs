namespace StreamLearn.Models;

/// <summary>Says which of a network's trained values learn; the others are frozen, and do not travel in updates.</summary>
/// <remarks>
/// Source: Cai, Gan, Zhu, Han (2020), <i>TinyTL</i>, for biases alone; Frankle, Schwab, Morcos (2021) for batch norms alone.
/// </remarks>
public sealed record TrainableMask
{
    private readonly Part _part;

    private TrainableMask(Part part, int below = 0) => (_part, Below) = (part, below);

    private enum Part
    {
        All,
        Heads,
        Biases,
        BatchNorms,
        Above,
    }

    /// <summary>All learn.</summary>
    public static TrainableMask All { get; } = new(Part.All);

    /// <summary>The heads of the exits learn, the trunk does not.</summary>
    public static TrainableMask HeadOnly { get; } = new(Part.Heads);

    /// <summary>Slices named <c>….bias</c> learn: no layer needs its inputs for that.</summary>
    public static TrainableMask BiasOnly { get; } = new(Part.Biases);

    /// <summary>Gains and biases of batch norms learn.</summary>
    public static TrainableMask BatchNormOnly { get; } = new(Part.BatchNorms);

    /// <summary>The first layer that learns with <see cref="FreezeBelow"/>; 0 with any other mask.</summary>
    public int Below { get; }

    /// <summary>The layers from a place on learn, and all heads.</summary>
    /// <param name="layer">The first layer that learns, at least 0; the number of layers: heads alone.</param>
    public static TrainableMask FreezeBelow(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        return layer == 0 ? All : new(Part.Above, layer);
    }

    /// <summary>Tells whether a trained slice learns.</summary>
    /// <param name="slice">Its name, with or without its layer's place.</param>
    /// <param name="layer">The layer of the trunk that has it; null for a head.</param>
    public bool Trains(string slice, int? layer)
    {
        ArgumentNullException.ThrowIfNull(slice);
        return _part switch
        {
            Part.Heads => layer is null,
            Part.Biases => slice.EndsWith(".bias", StringComparison.Ordinal),
            Part.BatchNorms => $".{slice}".Contains(".batch-norm.", StringComparison.Ordinal),
            Part.Above => layer is null || layer >= Below,
            _ => true,
        };
    }

    /// <inheritdoc />
    public override string ToString() => _part switch
    {
        Part.Heads => "heads",
        Part.Biases => "biases",
        Part.BatchNorms => "batch norms",
        Part.Above => $"layers from {Below} and heads",
        _ => "all",
    };
}
