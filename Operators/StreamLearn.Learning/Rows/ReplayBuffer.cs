namespace StreamLearn.Learning;

/// <summary>Allocates only on construction. <paramref name="classes"/>: 1 if there are no classes; labels are then 0.</summary>
/// <remarks>Cost: O(1) per row; class-balanced, O(capacity) for a replacement. Source: Vitter (1985), algorithm R; Chrysakis, Moens (2020),
/// class-balancing reservoir sampling.</remarks>
internal sealed class ReplayBuffer(int capacity, int features, int classes, BufferKind kind = BufferKind.Reservoir, bool targets = false)
{
    private readonly Memory<float> _rows = Workspace.Zeros(capacity * features);
    private readonly int[] _labels = new int[capacity];
    private readonly float[] _targets = targets ? new float[capacity] : [];
    private readonly int[] _held = new int[classes];
    private readonly long[] _seen = new long[classes];
    private readonly bool[] _hasLed = new bool[classes];        // was the largest class of a full buffer at least once

    internal int Capacity => capacity;

    internal long Seen { get; private set; }

    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Held => _held;

    internal int Classes
    {
        get
        {
            var held = 0;
            foreach (var rows in _held) { held += rows > 0 ? 1 : 0; }
            return held;
        }
    }

    internal int Features => features;

    internal bool HasTargets => targets;

    internal ReadOnlySpan<float> this[int place] => _rows.Span.Slice(place * features, features);

    internal ReadOnlySpan<float> Rows(int place, int count) => _rows.Span.Slice(place * features, count * features);

    internal ReadOnlySpan<int> Labels(int place, int count) => _labels.AsSpan(place, count);

    internal ReadOnlySpan<float> Targets(int place, int count) => targets ? _targets.AsSpan(place, count) : default;

    internal void State(ref StateStream s)
    {
        Count = s.Value(Count, 0, capacity);
        s.Values(_rows.Span[..(Count * features)]);
        s.Values(_labels.AsSpan(0, Count));
        s.Values(_targets.AsSpan(0, targets ? Count : 0));
        if (s.IsReading)
        {
            foreach (var label in Labels(0, Count))
            {
                if ((uint)label >= (uint)classes) { throw new StateException($"expected a label below {classes}, got {label}"); }
                _held[label]++;
            }
        }

        Seen = s.Value(Seen);
        if (Seen < Count) { throw new StateException($"expected at least the {Count} rows that are held to be seen, got {Seen}"); }
        s.Values<long>(_seen);
        for (var c = 0; c < classes; c++)
        {
            if (_seen[c] < _held[c]) { throw new StateException($"expected at least {_held[c]} rows of class {c}, got {_seen[c]}"); }
            s.Value(ref _hasLed[c]);
        }
    }

    internal void Clear()
    {
        (Seen, Count) = (0, 0);
        Array.Clear(_held);
        Array.Clear(_seen);
        Array.Clear(_hasLed);
    }

    internal int Label(int place) => _labels[place];

    internal float Target(int place) => _targets[place];

    internal void Add(ReadOnlySpan<float> row, int label, RandomStream random, float target = 0)
    {
        Seen++;
        _seen[label]++;
        long place = Count;
        if (Count < capacity) { Count++; }
        else
        {
            place = kind switch
            {
                BufferKind.Reservoir => random.NextInt64(Seen),
                BufferKind.Sliding => (Seen - 1) % capacity,
                BufferKind.Forgetting => random.NextInt32(capacity),
                _ => PlaceOf(label, random),
            };
            if (place >= capacity) { return; }
            _held[_labels[place]]--;
        }

        row.CopyTo(_rows.Span[((int)place * features)..]);
        _labels[place] = label;
        if (targets) { _targets[place] = target; }
        _held[label]++;
    }

    /// <summary>Returns the position for a row in the full buffer, if there is one. A class that was once the largest uses its own
    /// reservoir; others replace rows of the largest class.</summary>
    private int PlaceOf(int label, RandomStream random)
    {
        var largest = 0;
        for (var c = 1; c < _held.Length; c++)
        {
            if (_held[c] > _held[largest]) { largest = c; }
        }

        _hasLed[largest] = true;
        _hasLed[label] |= _held[label] == _held[largest];
        if (!_hasLed[label]) { return PlaceIn(largest, random.NextInt32(_held[largest])); }
        var chosen = random.NextInt64(_seen[label]);
        return chosen < _held[label] ? PlaceIn(label, (int)chosen) : capacity;
    }

    private int PlaceIn(int label, int number)
    {
        var place = -1;
        for (; number >= 0; number--) { place += 1 + _labels.AsSpan(place + 1).IndexOf(label); }
        return place;
    }
}
