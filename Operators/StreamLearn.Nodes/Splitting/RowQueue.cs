namespace StreamLearn.Nodes;

/// <summary>Grows to the size of the largest input batch plus one training batch.</summary>
internal sealed class RowQueue(int width)
{
    private float[] _rows = [];
    private int[] _labels = [];
    private int _first;
    private int _end;

    internal int Count => _end - _first;

    internal void State(ref StateStream s, int classes)
    {
        var (labels, rows) = (s.Array(Labels(Count), Array.MaxLength), s.Array(Rows(Count), Array.MaxLength));
        if (s.IsWriting) { return; }
        if (rows.Length != (long)labels.Length * width || labels.AsSpan().ContainsAnyExceptInRange(0, classes - 1))
        {
            throw new StateException($"expected rows of {width} values, each with a label below {classes}");
        }

        (_labels, _rows, _end) = (labels, rows, labels.Length);
    }

    internal void Add(FeatureRows rows)
    {
        if (_end + rows.Count > _labels.Length) { MakeRoom(rows.Count); }
        for (var r = 0; r < rows.Count; r++) { rows[r].CopyTo(_rows.AsSpan((_end + r) * width)); }
        rows.Labels.CopyTo(_labels.AsSpan(_end));
        _end += rows.Count;
    }

    internal ReadOnlySpan<float> Rows(int count) => _rows.AsSpan(_first * width, count * width);

    internal ReadOnlySpan<int> Labels(int count) => _labels.AsSpan(_first, count);

    internal void Remove(int count)
    {
        _first += count;
        if (_first == _end) { (_first, _end) = (0, 0); }
    }

    private void MakeRoom(int rows)
    {
        var (values, labels) = (_rows, _labels);
        if (Count + rows > _labels.Length)
        {
            var size = Math.Max(Count + rows, 2 * _labels.Length);
            (values, labels) = (new float[size * width], new int[size]);
        }

        Rows(Count).CopyTo(values);
        Labels(Count).CopyTo(labels);
        (_rows, _labels, _first, _end) = (values, labels, 0, Count);
    }
}
