using System.Runtime.InteropServices;

namespace StreamLearn;

internal sealed class KeyedRows
{
    private readonly Dictionary<long, int> _places = [];
    private readonly List<(long Key, int Rows)> _keys = [];
    private int[] _keyOf = [];      // for each row, the index of its key; −1: none
    private int[] _rows = [];       // row numbers grouped by key
    private int[] _ends = [];       // for each key, the end of its rows

    internal int Count => _keys.Count;

    internal int Keyless { get; private set; }

    internal long Key(int place) => _keys[place].Key;

    internal ReadOnlySpan<int> Rows(int place) => _rows.AsSpan((_ends[place] - _keys[place].Rows).._ends[place]);

    internal void Read(Column column)
    {
        _places.Clear();
        _keys.Clear();
        Keyless = 0;
        if (_keyOf.Length < column.Rows) { (_keyOf, _rows) = (new int[column.Rows], new int[column.Rows]); }
        if (column.Field.Type == ColumnType.Int64) { Read<long>(column); }
        else { Read<int>(column); }
        Group(column.Rows);
    }

    private void Read<T>(Column column)
        where T : unmanaged
    {
        var values = column.Values<T>();
        var isNullable = column.Field.Nullable;
        for (var row = 0; row < values.Length; row++)
        {
            if (isNullable && !column.IsValid(row))
            {
                Keyless++;
                _keyOf[row] = -1;
                continue;
            }

            var key = typeof(T) == typeof(long) ? (long)(object)values[row] : (int)(object)values[row];
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, key, out var known);
            if (!known)
            {
                place = _keys.Count;
                _keys.Add((key, 0));
            }

            CollectionsMarshal.AsSpan(_keys)[place].Rows++;
            _keyOf[row] = place;
        }
    }

    private void Group(int rows)
    {
        if (_ends.Length < _keys.Count) { _ends = new int[_keys.Count]; }
        for (int place = 0, end = 0; place < _keys.Count; end += _keys[place++].Rows) { _ends[place] = end; }
        for (var row = 0; row < rows; row++)
        {
            if (_keyOf[row] >= 0) { _rows[_ends[_keyOf[row]]++] = row; }
        }
    }
}
