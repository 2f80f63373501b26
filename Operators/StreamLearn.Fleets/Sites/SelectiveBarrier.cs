using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>Barrier for changes that outpace a link: their places go first, and readers of those places wait for the values.</summary>
/// <remarks>All sites have a barrier, or none. Each update is answered; changes beyond <see cref="MaxUnheard"/> accumulate until an answer
/// and go as one. Waiting ends after the <see cref="ReplicatedModelOptions.Lease"/>, if any: changes go unanswered, and readers continue
/// without the values. Source: Hsieh et al. (2017), Gaia.</remarks>
public sealed record SelectiveBarrier
{
    /// <summary>q_max: unanswered updates in flight before further changes wait. At least 1; default 2.</summary>
    public int MaxUnheard { get; init; } = 2;

    /// <summary>Parameters that this site's steps read, as value indexes; null (default): all. Other awaited values do not block
    /// it.</summary>
    public ImmutableArray<int>? Reads { get; init; }

    internal void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnheard, 1);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"barrier after {MaxUnheard} unheard, {(Reads is { } reads ? $"reads {reads.Length} parameters" : "reads all parameters")}");
}
