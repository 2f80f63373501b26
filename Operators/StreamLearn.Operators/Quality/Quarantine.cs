namespace StreamLearn.Operators;

/// <summary>The faulty rows of a call, counted by reason, then copied to the side output or dropped.</summary>
internal sealed class Quarantine(OperatorContext context, IOutput<Batch> side)
{
    internal const string FaultColumn = "fault";

    private static readonly string[] Reasons = ["none", "bad-time", "future", "backwards", "non-finite", "range", "stuck", "late"];
    private static readonly string[] Counters = [.. Reasons.Select(r => $"rows-{r}")];

    private readonly long[] _counts = new long[Reasons.Length];
    private readonly long[] _dropped = new long[Reasons.Length];
    private int[] _rows = [];
    private int[] _faults = [];
    private int _count;
    private Schema? _input;
    private Schema? _output;

    /// <summary>Returns the input's columns and the fault.</summary>
    /// <exception cref="SchemaException">The name already exists.</exception>
    internal static Schema Output(Schema input) => input.With(new Field(FaultColumn, ColumnType.Int32, Unit.One));

    internal void Add(int row, RowFault fault)
    {
        if (_count == _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(64, 2 * _count));
            Array.Resize(ref _faults, _rows.Length);
        }

        (_rows[_count], _faults[_count]) = (row, (int)fault);
        _counts[(int)fault]++;
        _count++;
    }

    internal void Drop(RowFault fault) => _dropped[(int)fault]++;

    internal void Settle(Batch batch)
    {
        for (var fault = 1; fault < Reasons.Length; fault++)
        {
            if (_counts[fault] > 0) { context.Record(Counters[fault], _counts[fault]); }
            if (_dropped[fault] > 0) { context.DropRows(_dropped[fault], Reasons[fault]); }
        }

        Array.Clear(_counts);
        Array.Clear(_dropped);
        if (_count > 0) { side.Emit(Take(batch)); }
    }

    private Batch Take(Batch batch)
    {
        if (!ReferenceEquals(_input, batch.Schema)) { (_input, _output) = (batch.Schema, Output(batch.Schema)); }
        var faulty = context.Pool.Rent(_output!, _count);
        var columns = batch.Schema.Fields.Length;
        for (var from = 0; from < _count;)
        {
            var to = from + 1;
            while (to < _count && _rows[to] == _rows[to - 1] + 1) { to++; }
            for (var c = 0; c < columns; c++) { faulty.Columns[c].CopyFrom(from, batch.Columns[c], _rows[from], to - from); }
            from = to;
        }

        _faults.AsSpan(0, _count).CopyTo(faulty.Columns[columns].Writable<int>());
        _count = 0;
        return faulty;
    }
}
