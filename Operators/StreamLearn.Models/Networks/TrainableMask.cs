namespace StreamLearn.Models;

/// <summary>Selects the values that learn. The others are frozen and not sent in updates.</summary>
/// <remarks>Source: Cai, Gan, Zhu, Han (2020), <i>TinyTL</i>, for only biases; Frankle, Schwab, Morcos (2021) for only batch
/// norms.</remarks>
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

    /// <summary>All values learn.</summary>
    public static TrainableMask All { get; } = new(Part.All);

    /// <summary>Only the exits' heads learn.</summary>
    public static TrainableMask HeadOnly { get; } = new(Part.Heads);

    /// <summary>Only slices named <c>….bias</c> learn, which needs no inputs of layers.</summary>
    public static TrainableMask BiasOnly { get; } = new(Part.Biases);

    /// <summary>Only gains and biases of batch norms learn.</summary>
    public static TrainableMask BatchNormOnly { get; } = new(Part.BatchNorms);

    /// <summary>The first layer that learns with <see cref="FreezeBelow"/>; otherwise 0.</summary>
    public int Below { get; }

    /// <summary>Freezes the layers below a given one; heads learn.</summary>
    /// <param name="layer">The first layer that learns, at least 0; the number of layers: only heads learn.</param>
    public static TrainableMask FreezeBelow(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        return layer == 0 ? All : new(Part.Above, layer);
    }

    /// <summary>Returns whether a trained slice learns.</summary>
    /// <param name="slice">The name of the slice, with or without the position of its layer.</param>
    /// <param name="layer">Its trunk layer; null for a head.</param>
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
