using System.Globalization;

namespace StreamLearn.Fleets;

/// <remarks>Waiting ends after the <see cref="ReplicatedModelOptions.Lease"/>, if any: changes are sent without an answer, and readers
/// continue without the values. Source: Hsieh et al. (2017), Gaia.</remarks>
internal readonly record struct SelectiveBarrier(int MaxUnheard, ImmutableArray<int>? Reads)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"barrier after {MaxUnheard} unheard, {(Reads is { } reads ? $"reads {reads.Length} parameters" : "reads all parameters")}");
}
