using System.Text.Json;

namespace StreamLearn.Formats;

internal ref struct JsonReading(JsonPlan plan, JsonScratch scratch, ReadOnlySpan<byte> json, BatchPool pool, int capacity)
{
    private readonly ReadOnlySpan<byte> _json = json;
    private readonly bool[] _met = scratch.Met;
    private Utf8JsonReader _reader = new(json, isFinalBlock: true, state: default);
    private int _origin;        // offset of the reader's text in the payload
    private JsonRows _rows = new(plan, scratch, pool, capacity);
    private Refusal _refusal;

    internal bool TryRead(out Batch? batch, out Refusal refusal)
    {
        var read = false;
        try
        {
            _reader.Read();
            read = TryValue(plan.Root) && (!_reader.Read() || Refuse(RefusalReason.BadJson)) && TryAlign(plan.Root, 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)  // InvalidOperationException: a key is not valid Unicode
        {
            _refusal = new(RefusalReason.BadJson, _origin + _reader.BytesConsumed, null);
        }

        read = read && TryTimes();
        batch = read ? _rows.Take() : null;
        _rows.Release();
        refusal = read ? default : _refusal;
        return read;
    }

    private bool TryValue(PlanNode node) => _reader.TokenType switch
    {
        JsonTokenType.StartObject when node.Children.Length > 0 => TryObject(node),
        JsonTokenType.StartArray when node.Each is { } each => TryItems(each),
        JsonTokenType.StartArray when node.Places.Count > 0 => TryPlaces(node),
        JsonTokenType.StartObject or JsonTokenType.StartArray => Refuse(RefusalReason.WrongType, node.Columns[0]),
        _ when node.Column >= 0 => TryAppend(node.Column),
        JsonTokenType.Null => true,     // everything below null is missing
        _ => Refuse(RefusalReason.WrongType, node.Columns[0]),
    };

    private bool TryObject(PlanNode node)
    {
        var number = ++scratch.Objects;
        var expected = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Find(node.Names, expected);
            if (key < 0)
            {
                _reader.Skip();
                continue;
            }

            expected = key + 1;
            var child = node.Children[key];
            if (scratch.Seen[child.Id] == number) { return Refuse(RefusalReason.DuplicateKey, child.Columns[0]); }
            scratch.Seen[child.Id] = number;
            _reader.Read();
            if (!TryValue(child)) { return false; }
        }

        return true;
    }

    /// <summary>Tries the key after the last one first, because the payloads of a sensor keep their order.</summary>
    private readonly int Find(byte[][] names, int expected)
    {
        for (var i = 0; i < names.Length; i++)
        {
            var at = expected + i;
            if (at >= names.Length) { at -= names.Length; }
            if (_reader.ValueTextEquals(names[at])) { return at; }
        }

        return -1;
    }

    private bool TryPlaces(PlanNode node)
    {
        for (var place = 0; _reader.Read() && _reader.TokenType != JsonTokenType.EndArray; place++)
        {
            if (!node.Places.TryGetValue(place, out var child)) { _reader.Skip(); }
            else if (!TryValue(child)) { return false; }
        }

        return true;
    }

    private bool TryItems(PlanNode each)
    {
        if (each.Column >= 0)
        {
            _met[each.Column] = true;
            return TryNumbers(each.Column);
        }

        if (each.Row.Length > 0)
        {
            if (!TryRows(each)) { return false; }
        }
        else
        {
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                if (!TryItem(each)) { return false; }
            }
        }

        SetMet(each, true);
        return true;
    }

    private bool TryItem(PlanNode each)
    {
        SetMet(each, false);
        var start = _rows.Counts[each.Columns[0]];      // all columns below are aligned
        return TryValue(each) && TryAlign(each, start);
    }

    private bool TryRows(PlanNode each)
    {
        var state = _reader.CurrentState;
        var at = _origin + (int)_reader.BytesConsumed;
        var (values, first) = (scratch.RowNumbers, each.Columns[0]);
        NumberArrays.PassSpace(_json, ref at);
        var closed = at < _json.Length && _json[at] == ']';
        while (!closed)
        {
            var most = _rows.TryReserve(_rows.Counts[first] + 1)
                ? Math.Min(values.Length / each.Row.Length, _rows.Capacity - _rows.Counts[first]) : 0;
            var end = NumberRows.Scan(_json, ref at, each.Row, values, most, out var rows);
            _rows.Append(each.Row, values, rows);
            if (end == ScanEnd.Bad) { return RefuseAt(at); }
            closed = end == ScanEnd.Closed;
            if (end != ScanEnd.Other && most > 0) { continue; }
            Resume(at, state);      // rereads the first item of the array
            _reader.Read();
            if (!TryItem(each)) { return false; }
            at = _origin + (int)_reader.BytesConsumed;
            if (!NumberArrays.TryPassComma(_json, ref at, out closed)) { return RefuseAt(at); }
        }

        Resume(at, state);
        return _reader.Read();      // the closing bracket
    }

    private readonly void SetMet(PlanNode node, bool met)
    {
        foreach (var column in node.Columns) { _met[column] = met; }
    }

    private bool TryNumbers(int column) => plan.Columns[column] switch
    {
        { Unit: TimeUnit.Iso8601 } or { IsClass: true } => TryEach(column),
        { Unit: not null } => TryScan<long, TimeNumbers>(column),
        { Field.Type: ColumnType.Float32 } => TryScan<float, FloatNumbers>(column),
        { Field.Type: ColumnType.Float64 } => TryScan<double, DoubleNumbers>(column),
        { Field.Type: ColumnType.Int32 } => TryScan<int, Int32Numbers>(column),
        _ => TryScan<long, Int64Numbers>(column),
    };

    private bool TryEach(int column)
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (!TryAppend(column)) { return false; }
        }

        return true;
    }

    private bool TryScan<T, TRule>(int column)
        where T : unmanaged
        where TRule : struct, INumberRule<T>
    {
        var state = _reader.CurrentState;
        var at = _origin + (int)_reader.BytesConsumed;
        ref var count = ref _rows.Counts[column];
        NumberArrays.PassSpace(_json, ref at);
        var closed = at < _json.Length && _json[at] == ']';
        while (!closed)
        {
            var values = _rows[column].Writable<T>();
            switch (NumberArrays.Scan<T, TRule>(_json, ref at, values, ref count, plan.Columns[column].Power))
            {
                case ScanEnd.Closed:
                    closed = true;
                    break;
                case ScanEnd.Full when _rows.TryReserve(count + 1):
                    break;
                case ScanEnd.Full:
                    Resume(at, state);
                    return Refuse(RefusalReason.TooManyRows, column);
                case ScanEnd.Other:
                    Resume(at, state);      // rereads the first item of the array
                    _reader.Read();
                    if (!TryAppend(column)) { return false; }
                    at = _origin + (int)_reader.BytesConsumed;
                    if (!NumberArrays.TryPassComma(_json, ref at, out closed)) { return RefuseAt(at); }
                    break;
                default:
                    return RefuseAt(at);
            }
        }

        Resume(at, state);
        return _reader.Read();      // the closing bracket
    }

    private void Resume(int at, JsonReaderState state)
    {
        _origin = at;
        _reader = new(_json[at..], isFinalBlock: true, state);
    }

    /// <summary>Extends the columns below a node to the same number of rows.</summary>
    private bool TryAlign(PlanNode node, int start)
    {
        var (end, met, deeper) = (start, false, -1);
        foreach (var column in node.Columns)
        {
            if (plan.Columns[column].Depth == node.Depth) { continue; }
            end = Math.Max(end, _rows.Counts[column]);
            met |= _met[column];
            deeper = column;
        }

        if (deeper < 0) { end = start + 1; }
        else if (!met) { return Refuse(RefusalReason.MissingPath, deeper); }
        if (!_rows.TryReserve(end)) { return Refuse(RefusalReason.TooManyRows, node.Columns[0]); }
        foreach (var column in node.Columns)
        {
            ref var count = ref _rows.Counts[column];
            var single = plan.Columns[column].Depth == node.Depth;
            if (!single && count != end && (count != start || _met[column])) { return Refuse(RefusalReason.UnequalLengths, column); }
            if (single && count > start && end > start) { _rows.Repeat(column, start, end); }
            else if (count == start && !_rows.TryMiss(column, start, end)) { return Refuse(RefusalReason.MissingPath, column); }
            count = end;
        }

        return true;
    }

    private bool TryAppend(int column)
    {
        var row = _rows.Counts[column];
        if (!_rows.TryReserve(row + 1)) { return Refuse(RefusalReason.TooManyRows, column); }
        var reason = JsonValues.Write(_reader, plan.Columns[column], plan.Options.NonFiniteIsMissing, _rows[column], row);
        _rows.Counts[column] = row + 1;
        return reason == RefusalReason.None || Refuse(reason, column);
    }

    private bool TryTimes()
    {
        if (plan.Options.Time is not { SamplesPerSecond: > 0 } time || _rows.Counts[0] == 0) { return true; }
        var times = _rows[0].Writable<long>()[.._rows.Counts[0]];
        return TimeUnits.TryFill(times, times[0], time.SamplesPerSecond) || Refuse(RefusalReason.BadTime, 0);
    }

    private bool Refuse(RefusalReason reason, int column = -1)
    {
        _refusal = new(reason, _origin + _reader.TokenStartIndex, column < 0 ? null : plan.Columns[column].Field.Name);
        return false;
    }

    private bool RefuseAt(int position)
    {
        _refusal = new(RefusalReason.BadJson, position, null);
        return false;
    }
}
