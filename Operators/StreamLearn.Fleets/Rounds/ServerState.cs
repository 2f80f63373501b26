namespace StreamLearn.Fleets;

/// <summary>The model, and the memory of an <see cref="Apply"/>. An <see cref="Apply"/> may write nothing else.</summary>
public sealed class ServerState
{
    /// <summary>An earlier format of the aggregator's state, without devices that are left out.</summary>
    internal const string BeforeLeftOut = "aggregate/16";

    private readonly float[] _weights;
    private int _maxSlots;
    private readonly SortedList<string, float[]> _slots = new(StringComparer.Ordinal);
    private readonly SortedList<string, float[]> _slotsBefore = new(StringComparer.Ordinal);
    private float[]? _weightsBefore;        // null: every round so far had full weight

    internal ServerState(Weights initial)
    {
        _weights = [.. initial.Values];
        Version = initial.Version;
    }

    /// <summary>All model values.</summary>
    public Span<float> Weights => _weights;

    /// <summary>The model version.</summary>
    public long Version { get; internal set; }

    /// <summary>Updates added in this round.</summary>
    public int Updates { get; internal set; }

    /// <summary>Sum of their weights.</summary>
    public double TotalWeight { get; internal set; }

    /// <summary>The whole set in device order if the <see cref="Apply"/> does not stream; otherwise empty.</summary>
    public UpdateSet Set { get; internal set; }

    /// <summary>True if devices have gone: rounds move the weights from those that the last round of all devices made.</summary>
    internal bool IsAnchored { get; private set; }

    internal ImmutableArray<Slice> Statistics { get; init; } = [];

    internal void Renew(int maxSlots)
    {
        _slots.Clear();
        _slotsBefore.Clear();
        _maxSlots = maxSlots;
    }

    internal void ForgetBefore() => IsAnchored = false;

    internal void Remember(bool slots, bool anchors)
    {
        if (!IsAnchored) { _weights.CopyTo(_weightsBefore ??= new float[_weights.Length], 0); }
        IsAnchored = anchors;
        for (var i = 0; slots && i < _slots.Count; i++)
        {
            var (name, slot) = (_slots.GetKeyAtIndex(i), _slots.GetValueAtIndex(i));
            if (!_slotsBefore.TryGetValue(name, out var before)) { _slotsBefore.Add(name, before = new float[slot.Length]); }
            slot.CopyTo(before, 0);
        }
    }

    /// <summary>If devices have gone, many rounds move the weights hardly further than one; slots change by a share of each.</summary>
    internal void Keep(float share, bool slots)
    {
        Keep(share, _weights, _weightsBefore);
        for (var i = 0; slots && i < _slots.Count; i++)
        {
            Keep(share, _slots.GetValueAtIndex(i), _slotsBefore.GetValueOrDefault(_slots.GetKeyAtIndex(i)));
        }
    }

    private static void Keep(float share, Span<float> values, ReadOnlySpan<float> before)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var was = before.IsEmpty ? 0 : before[i];       // empty if the round has created this slot
            values[i] = MathF.FusedMultiplyAdd(share, values[i] - was, was);
        }
    }

    internal void State(ref StateStream s)
    {
        s.Values<float>(_weights);
        Version = s.Count(Version);
        Updates = s.Value(Updates, 0, int.MaxValue);
        TotalWeight = s.Value(TotalWeight);
        var slots = s.Count(_slots.Count, _maxSlots, "slots");
        for (var i = 0; i < slots; i++) { s.Values(Slot(s.Value(s.IsReading ? "" : _slots.GetKeyAtIndex(i)))); }
        IsAnchored = s.Format != BeforeLeftOut && s.Value(IsAnchored);
        if (IsAnchored) { s.Values<float>(_weightsBefore ??= new float[_weights.Length]); }
    }

    /// <summary>Gets named values kept between rounds, one per model value; initially zeros.</summary>
    /// <param name="name">The name, such as <c>m</c> for a momentum.</param>
    /// <exception cref="InvalidOperationException">There are more slots than <see cref="Apply.Slots"/>.</exception>
    public Span<float> Slot(string name)
    {
        if (_slots.TryGetValue(name, out var slot)) { return slot; }
        if (_slots.Count == _maxSlots)
        {
            throw new InvalidOperationException($"expected at most {_maxSlots} slots, as the rule declares, got another: '{name}'");
        }

        return _slots[name] = new float[_weights.Length];
    }
}
