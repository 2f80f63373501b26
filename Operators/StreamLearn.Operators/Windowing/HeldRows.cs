namespace StreamLearn.Operators;

/// <summary>Rows in event-time order, then arrival order.</summary>
/// <remarks>One pooled batch stores them in arrival order; only times and slots are sorted. A full batch is compacted. Cost: O(1) for a row
/// in order, O(n) for a row that is n rows late; no allocation once grown.</remarks>
internal sealed class HeldRows(BatchPool pool, Schema schema, int maxRows) : IDisposable
{
    private const int Released = -1;

    private Batch? _rows;
    private int _tail;                  // the first unused slot of the batch
    private long[] _times = [];         // sorted by event time; the held rows are [_head, _head + Count)
    private int[] _slots = [];
    private int[] _emissions = [];      // by slot: number of emissions, or Released
    private int[] _moved = [];
    private int _head;
    private int _pendingRow;            // the remaining rows of the current batch start here
    private int _pendingSlot;
    private int _pending;

    internal int Count { get; private set; }

    internal int Unwindowed { get; private set; }

    internal bool IsFull => Count == maxRows;

    internal Schema Schema => schema;

    internal long this[int place] => _times[_head + place];

    internal ColumnList Columns => _rows!.Columns;

    internal int SlotOf(int place) => _slots[_head + place];

    internal int Emissions(int place) => _emissions[_slots[_head + place]];

    public void Dispose()
    {
        _rows?.Dispose();
        _rows = null;
    }

    /// <summary>Saves rows in event-time order. Call it only when no row is left to copy in.</summary>
    internal void State(ref StateStream s)
    {
        var held = s.Value(Count == 0 ? null : _rows, _slots.AsSpan(_head, Count));
        if (s.IsReading)
        {
            using (held) { Load(ref s, held); }
            return;
        }

        s.Values(_times.AsSpan(_head, Count));
        s.Value(Count);
        for (var place = 0; place < Count; place++) { s.Value(Emissions(place)); }
    }

    private void Load(ref StateStream s, Batch? held)
    {
        var rows = held?.Rows ?? 0;
        if (held is not null && !held.Schema.Equals(schema)) { throw new StateException($"expected rows of {schema}, got {held.Schema}"); }
        if (rows > maxRows) { throw new StateException($"expected at most {maxRows} rows, got {rows}"); }
        var times = new long[rows];
        var emissions = new int[rows];
        s.Values<long>(times);
        s.Values<int>(emissions);
        for (var place = 0; place < rows; place++)
        {
            var isInOrder = emissions[place] >= 0 && (place == 0 || times[place] >= times[place - 1]);
            if (!isInOrder) { throw new StateException("expected rows in order of time"); }
            Add(held!, place, times[place], place);
            _emissions[_slots[_head + place]] = emissions[place];
            if (emissions[place] > 0) { Unwindowed--; }
        }

        if (held is not null) { Write(held); }
    }

    internal int PlaceOf(long time)
    {
        if (Count == 0 || time > this[Count - 1]) { return Count; }
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle] < time) { low = middle + 1; }
            else { high = middle; }
        }

        return low;
    }

    /// <summary><see cref="Write"/> copies the row later, with its neighbors.</summary>
    internal void Add(Batch batch, int row, long time, int place)
    {
        if (_tail == _times.Length) { MakeRoom(batch); }
        var at = _head + place;
        Array.Copy(_times, at, _times, at + 1, Count - place);
        Array.Copy(_slots, at, _slots, at + 1, Count - place);
        (_times[at], _slots[at], _emissions[_tail]) = (time, _tail, 0);
        (Count, Unwindowed) = (Count + 1, Unwindowed + 1);
        if (_pending > 0 && row != _pendingRow + _pending) { Write(batch); }
        if (_pending == 0) { (_pendingRow, _pendingSlot) = (row, _tail); }
        _pending++;
        _tail++;
    }

    /// <summary>Call it before leaving the batch and before copying out.</summary>
    internal void Write(Batch batch)
    {
        if (_pending == 0) { return; }
        CopyColumns(batch, _pendingRow, _rows!, _pendingSlot, _pending);
        _pending = 0;
    }

    internal int CopyTo(Batch target, int from, int to, int emission)
    {
        var first = 0;
        for (var place = from; place < to;)
        {
            var slot = _slots[_head + place];
            var run = 1;
            while (place + run < to && _slots[_head + place + run] == slot + run) { run++; }
            CopyColumns(_rows!, slot, target, place - from, run);
            for (var i = slot; i < slot + run; i++)
            {
                if (_emissions[i] == 0) { first++; }
                _emissions[i] = emission;
            }

            place += run;
        }

        Unwindowed -= first;
        return first;
    }

    internal int Release(int rows)
    {
        var lost = 0;
        for (var place = 0; place < rows; place++)
        {
            ref var emissions = ref _emissions[_slots[_head + place]];
            if (emissions == 0) { lost++; }
            emissions = Released;
        }

        (_head, Count, Unwindowed) = (_head + rows, Count - rows, Unwindowed - lost);
        if (Count == 0 && _pending == 0) { (_head, _tail) = (0, 0); }
        return lost;
    }

    private void MakeRoom(Batch batch)
    {
        Write(batch);
        var room = _times.Length;
        if (Count <= room / 2 && room > 0)
        {
            Squeeze(_rows!);
            return;
        }

        var grown = (int)Math.Min(2L * maxRows, Math.Max(256, 2L * room));
        var rows = pool.Rent(schema, grown);
        Array.Resize(ref _times, grown);
        Array.Resize(ref _slots, grown);
        Array.Resize(ref _emissions, grown);
        Array.Resize(ref _moved, grown);
        Squeeze(rows);
        _rows?.Dispose();
        _rows = rows;
    }

    /// <summary>The target may be the same batch.</summary>
    private void Squeeze(Batch target)
    {
        var kept = 0;
        for (var slot = 0; slot < _tail;)
        {
            if (_emissions[slot] == Released)
            {
                slot++;
                continue;
            }

            var run = slot;
            for (; slot < _tail && _emissions[slot] != Released; slot++)
            {
                _moved[slot] = kept + slot - run;
                _emissions[_moved[slot]] = _emissions[slot];
            }

            if (run != kept || target != _rows) { CopyColumns(_rows!, run, target, kept, slot - run); }
            kept += slot - run;
        }

        for (var place = 0; place < Count; place++)
        {
            (_times[place], _slots[place]) = (_times[_head + place], _moved[_slots[_head + place]]);
        }

        (_head, _tail) = (0, kept);
    }

    private void CopyColumns(Batch from, int fromRow, Batch to, int toRow, int rows)
    {
        for (var c = 0; c < schema.Fields.Length; c++) { to.Columns[c].CopyFrom(toRow, from.Columns[c], fromRow, rows); }
    }
}
