namespace StreamLearn.Fleets;

/// <summary>A round's updates in device order.</summary>
public readonly struct UpdateSet
{
    private readonly List<HeldUpdate>? _updates;

    internal UpdateSet(List<HeldUpdate> updates) => _updates = updates;

    /// <summary>Updates in the set.</summary>
    public int Count => _updates?.Count ?? 0;

    /// <summary>Gets an update.</summary>
    /// <param name="index">The index, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is out of range.</exception>
    public WeightedUpdate this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var held = _updates![index];
            return new(held.Header, held.Weight, held.Update.Values.AsSpan());
        }
    }

    /// <summary>Gets the changes of an update, in the order of the model plan's slices.</summary>
    /// <param name="index">The index, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is out of range.</exception>
    public ReadOnlySpan<float> ValuesOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return _updates![index].Update.Values.AsSpan();
    }
}
