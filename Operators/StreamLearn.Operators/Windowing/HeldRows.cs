namespace StreamLearn.Operators;

/// <summary>Rows that wait for their windows, in order of event time; rows of the same time in order of arrival.</summary>
/// <remarks>
/// The rows lie in one pooled batch in order of arrival, so that runs of them are copied together; what is sorted are their times and
/// places. When the batch is full, the rows still held move up to its start. Cost: a row in order O(1), one that is n rows late O(n);
/// no allocation once the batch has grown.
/// </remarks>
internal sealed class HeldRows(BatchPool pool, Schema schema, int maxRows) : IDisposable
{
    private const int Released = -1;

    private Batch? _rows;
    private int _tail;                  // the first slot of the batch not yet used
    private long[] _times = [];         // by event time; those held are [_head, _head + Count)
    private int[] _slots = [];
    private int[] _emissions = [];      // by slot: times emitted, or Released
    private int[] _moved = [];
    private int _head;
    private int _pendingRow;            // rows of the batch at hand that are still to be copied in
    private int _pendingSlot;
    private int _pending;

    /// <summary>Rows held.</summary>
    internal int Count { get; private set; }

    /// <summary>Rows held that were in no window yet.</summary>
    internal int Unwindowed { get; private set; }

    internal bool IsFull => Count == maxRows;

    internal Schema Schema => schema;

    /// <summary>The event time of the n-th row.</summary>
    internal long this[int place] => _times[_head + place];

    /// <summary>The columns of the rows, by slot.</summary>
    internal ColumnList Columns => _rows!.Columns;

    /// <summary>Where in the columns the n-th row is.</summary>
    internal int SlotOf(int place) => _slots[_head + place];

    /// <summary>How often the n-th row was emitted.</summary>
    internal int Emissions(int place) => _emissions[_slots[_head + place]];

    public void Dispose()
    {
        _rows?.Dispose();
        _rows = null;
    }

    /// <summary>The rows held, in order of event time. Between calls: no row is left to be copied in.</summary>
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

    /// <summary>The place of the first row at or after a time.</summary>
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

    /// <summary>Takes a row of the batch at hand; it is copied by <see cref="Write"/>, with those around it.</summary>
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

    /// <summary>Copies in the rows that were taken; before the batch at hand is left, and before rows are copied out.</summary>
    internal void Write(Batch batch)
    {
        if (_pending == 0) { return; }
        CopyColumns(batch, _pendingRow, _rows!, _pendingSlot, _pending);
        _pending = 0;
    }

    /// <summary>Copies rows out, in order of time, and counts the emission.</summary>
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

    /// <summary>Gives up the first rows.</summary>
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

    /// <summary>Moves the rows still held to the start of a batch, this one or another, in order of arrival.</summary>
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
