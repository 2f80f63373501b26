namespace StreamLearn.Operators;

internal sealed class KeepItems(KeepBlock block, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private IItemChoice? _choice;
    private Schema? _input;
    private bool[] _kept = [];
    private string? _reason;        // reason of the last dropped rows, which are counted together
    private int _dropped;

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else { Keep(batch); }
    }

    public string StateFormat => "keep-items/1";

    public void State(ref StateStream s)
    {
        if (s.Value(_input) is not { } columns) { return; }
        if (!Fits(columns)) { throw new StateException("expected columns that the block takes"); }
        _choice!.State(ref s);
    }

    private bool Fits(Schema schema)
    {
        if (_input is not null) { return schema.Equals(_input); }
        try
        {
            block.Output(schema);
        }
        catch (SchemaException)
        {
            return false;
        }

        (_input, _choice) = (schema, block.Make(schema, context));
        return true;
    }

    private void Keep(Batch batch)
    {
        var items = batch.Rows / block.ItemRows;
        if (_kept.Length < items) { _kept = new bool[items]; }
        var count = 0;
        for (var item = 0; item < items; item++)
        {
            var reason = _choice!.Refuse(batch, item * block.ItemRows);
            _kept[item] = reason is null;
            if (reason is null) { count++; }
            else { Drop(block.ItemRows, reason); }
        }

        Drop(batch.Rows - (items * block.ItemRows), "incomplete-item");
        Drop(0, null);
        if (count * block.ItemRows == batch.Rows)
        {
            output.Emit(batch);
            return;
        }

        if (count > 0) { output.Emit(Compact(batch, items, count)); }
        batch.Dispose();
    }

    private Batch Compact(Batch batch, int items, int count)
    {
        var kept = context.Pool.Rent(batch.Schema, count * block.ItemRows);
        var to = 0;
        for (var from = 0; from < items;)
        {
            var end = from;
            while (end < items && _kept[end]) { end++; }
            var rows = (end - from) * block.ItemRows;
            for (var c = 0; c < kept.Columns.Count; c++) { kept.Columns[c].CopyFrom(to, batch.Columns[c], from * block.ItemRows, rows); }
            to += rows;
            from = end;
            while (from < items && !_kept[from]) { from++; }
        }

        return kept;
    }

    private void Drop(int rows, string? reason)
    {
        if (!ReferenceEquals(reason, _reason))
        {
            if (_dropped > 0) { context.DropRows(_dropped, _reason!); }
            (_dropped, _reason) = (0, reason);
        }

        _dropped += rows;
    }
}
