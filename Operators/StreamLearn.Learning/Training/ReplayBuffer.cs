namespace StreamLearn.Learning;

/// <summary>
/// A uniform sample of all rows seen, with their labels; nothing is allocated after construction. Source: Vitter (1985), algorithm R.
/// </summary>
internal sealed class ReplayBuffer(int capacity, int features)
{
    private readonly float[] _rows = new float[capacity * features];
    private readonly int[] _labels = new int[capacity];

    /// <summary>Rows seen.</summary>
    internal long Seen { get; private set; }

    /// <summary>Rows held.</summary>
    internal int Count => (int)Math.Min(Seen, capacity);

    internal void Add(ReadOnlySpan<float> row, int label, RandomStream random)
    {
        var place = Seen < capacity ? Seen : random.NextInt64(Seen + 1);
        Seen++;
        if (place >= capacity) { return; }
        row.CopyTo(_rows.AsSpan((int)place * features));
        _labels[place] = label;
    }

    /// <summary>Draws rows with replacement, as many as there are labels to fill.</summary>
    internal void Draw(Span<float> rows, Span<int> labels, RandomStream random)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            var place = random.NextInt32(Count);
            _rows.AsSpan(place * features, features).CopyTo(rows[(i * features)..]);
            labels[i] = _labels[place];
        }
    }
}
