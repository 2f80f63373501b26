namespace StreamLearn.Operators;

internal sealed record RedactOptions : IBlockOptions
{
    public PrivacyLabel Carries
    {
        get;
        init => field = value is PrivacyLabel.Public or PrivacyLabel.EdgeOnly
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Carries), value, "expected Public or EdgeOnly");
    }

    public bool Blank { get; init; }

    public Schema Output(Schema input)
    {
        if (input.Privacy <= Carries) { return input; }
        var fields = input.Fields.Where(f => Blank || f.Privacy <= Carries)
            .Select(f => f.Privacy <= Carries ? f : f with { Privacy = PrivacyLabel.Public }).ToList();
        return fields.Count > 0 ? new(fields) : throw new SchemaException($"expected a column that is at most {Carries}, got {input}");
    }

    public int? MaxRows(int? input) => input;

    public override string ToString() => $"to {Carries}{(Blank ? ", blank" : "")}";
}

/// <content>Redaction.</content>
public static partial class OperatorFlowExtensions
{
    /// <summary>Removes private columns (by <see cref="Field.Privacy"/>) and private rows (by the column
    /// <see cref="Schema.PrivacyColumn"/>, if there is one).</summary>
    /// <remarks> Shape: rows × columns in, the same or fewer of both out. Units: unchanged. State: none. Cost: a copy of the rest;
    /// unchanged batches pass uncopied. Emits: at most one batch per batch. Drops: <c>private</c> rows. Source: Denning (1976), secure
    /// information flow. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="carries">The most private label that stays.</param>
    /// <param name="blank">True: blanks private columns and makes them public: the values are 0, or missing if nullable, so that models
    /// find the same columns. False: removes the columns.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="carries"/> is not a label, or is the most private one.</exception>
    public static Flow<Batch> Redact(this Flow<Batch> flow, PrivacyLabel carries = PrivacyLabel.Public, bool blank = false)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("redact", new RedactOptions { Carries = carries, Blank = blank },
            static (RedactOptions options, OperatorContext context, IOutput<Batch> output) => new Redact(options, context, output));
    }
}

internal sealed class Redact(RedactOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private Schema? _input;
    private Schema? _output;

    public override void Process(Batch batch)
    {
        if (!ReferenceEquals(_input, batch.Schema)) { (_output, _input) = (options.Output(batch.Schema), batch.Schema); }
        if (batch.Privacy <= options.Carries)
        {
            output.Emit(batch);
            return;
        }

        var kept = 0;
        for (var row = 0; row < batch.Rows; row++) { kept += batch.PrivacyOf(row) <= options.Carries ? 1 : 0; }
        if (kept == 0 && batch.Rows > 0)
        {
            context.Drop(batch, "private");
            return;
        }

        if (kept < batch.Rows) { context.DropRows(batch.Rows - kept, "private"); }
        var target = context.Pool.Rent(_output!, kept);
        Copy(batch, target);
        batch.Dispose();
        output.Emit(target);
    }

    private void Copy(Batch from, Batch to)
    {
        for (var (c, place) = (0, 0); c < from.Columns.Count; c++)
        {
            var isPrivate = from.Schema.Fields[c].Privacy > options.Carries;
            if (isPrivate && !options.Blank) { continue; }
            var column = to.Columns[place++];
            if (isPrivate) { Blank(column); }
            else { CopyRows(from, from.Columns[c], column); }
        }
    }

    private void CopyRows(Batch batch, Column from, Column to)
    {
        var place = 0;
        for (var first = 0; first < batch.Rows;)
        {
            var end = first;
            while (end < batch.Rows && batch.PrivacyOf(end) <= options.Carries) { end++; }
            if (end > first) { to.CopyFrom(place, from, first, end - first); }
            place += end - first;
            first = end + 1;
        }
    }

    private static void Blank(Column column)
    {
        switch (column.Field.Type)
        {
            case ColumnType.Float32: column.Writable<float>().Clear(); break;
            case ColumnType.Float64: column.Writable<double>().Clear(); break;
            case ColumnType.Int32: column.Writable<int>().Clear(); break;
            default: column.Writable<long>().Clear(); break;
        }

        if (column.Field.Nullable) { column.WritableValidity.Clear(); }
    }
}
