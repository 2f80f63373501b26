namespace StreamLearn.Operators;

internal sealed class KeepItems(KeepBlock block, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private IItemChoice? _choice;
    private Schema? _input;
    private int[] _kept = [];       // rows
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
        if (!block.TryOutput(schema, out _)) { return false; }
        (_input, _choice) = (schema, block.Make(schema, context));
        return true;
    }

    private void Keep(Batch batch)
    {
        if (_kept.Length < batch.Rows) { _kept = new int[batch.Rows]; }
        var (count, items) = (0, batch.Rows - (batch.Rows % block.ItemRows));
        for (var item = 0; item < items; item += block.ItemRows)
        {
            if (_choice!.Refuse(batch, item) is { } reason)
            {
                Drop(block.ItemRows, reason);
                continue;
            }

            for (var row = item; row < item + block.ItemRows; row++) { _kept[count++] = row; }
        }

        Drop(batch.Rows - items, "incomplete-item");
        Drop(0, null);
        if (count == batch.Rows)
        {
            output.Emit(batch);
            return;
        }

        if (count > 0) { output.Emit(batch.Copy(_kept.AsSpan(0, count))); }
        batch.Dispose();
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
