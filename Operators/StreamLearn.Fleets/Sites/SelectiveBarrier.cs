using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>What sites do when changes come faster than a link takes them: the places go first, and who reads those waits for the
/// values.</summary>
/// <remarks>
/// All sites have one, or none. Each answers each update that it hears; changes beyond <see cref="MaxUnheard"/> updates add up at their
/// site until it is answered, and go as one. Nobody waits longer than the <see cref="ReplicatedModelOptions.Lease"/>, where there is one:
/// then changes go without an answer, and who waits goes on without the values. Source: Hsieh et al. (2017), Gaia.
/// </remarks>
public sealed record SelectiveBarrier
{
    /// <summary>q_max: updates on their way that some site has not heard, before further changes wait. Updates, at least 1; default
    /// 2.</summary>
    public int MaxUnheard { get; init; } = 2;

    /// <summary>The parameters that the steps of this site read, as places among the values; null, the default: all. The site goes on while
    /// others are awaited.</summary>
    public ImmutableArray<int>? Reads { get; init; }

    internal void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnheard, 1);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"barrier after {MaxUnheard} unheard, {(Reads is { } reads ? $"reads {reads.Length} parameters" : "reads all parameters")}");
}
