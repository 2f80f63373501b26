using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>A network with its values: what compression takes and gives.</summary>
/// <param name="Network">The structure.</param>
/// <param name="Weights">The values, of this network.</param>
public sealed record TrainedNetwork(Network Network, Weights Weights)
{
    /// <summary>Values of the model that are not zero.</summary>
    public int NonZeros => Network.Plan.Values - Weights.Values.AsSpan().Count(0f);

    /// <summary>A copy of the values, to be changed.</summary>
    internal float[] Copy() => [.. Weights.Values];

    /// <summary>The same network with other values, as the next version.</summary>
    internal TrainedNetwork With(ReadOnlySpan<float> values) =>
        this with { Weights = Weights with { Version = Weights.Version + 1, Values = [.. values] } };

    /// <exception cref="ArgumentException">The values are of another network.</exception>
    internal void Check()
    {
        if (Weights.SchemaHash != Network.Plan.SchemaHash || Weights.Values.Length != Network.Plan.Values)
        {
            throw new ArgumentException($"expected values of {Network.Structure}, got {Weights}");
        }
    }
}
