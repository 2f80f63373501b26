namespace StreamLearn.Fleets;

/// <summary>The updates of a round, in the order of their devices.</summary>
public readonly struct UpdateSet
{
    private readonly List<HeldUpdate>? _updates;

    internal UpdateSet(List<HeldUpdate> updates) => _updates = updates;

    /// <summary>Updates in the set.</summary>
    public int Count => _updates?.Count ?? 0;

    /// <summary>One of them.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public WeightedUpdate this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var held = _updates![index];
            return new(held.Header, held.Weight, held.Update.Values.AsSpan());
        }
    }

    /// <summary>The differences of one of them, in the order of the model plan's slices.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public ReadOnlySpan<float> ValuesOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return _updates![index].Update.Values.AsSpan();
    }
}
