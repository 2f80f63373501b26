namespace StreamLearn.Operators;

internal sealed record TargetOfWindowBlock(string Column, ColumnType Type) : IBlockOptions
{
    public Schema Output(Schema input)
    {
        input.Require(Column, Type);
        return input;
    }

    public override string ToString() => "";
}

internal abstract class TargetOfWindow(TargetOfWindowBlock block, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    public override void Process(Batch batch)
    {
        if (!batch.TryColumn(block.Column, out var told) || told.Field.Type != block.Type)
        {
            context.Drop(batch, "schema");
            return;
        }

        if (batch.Rows == 0 && !TakesEmpty)
        {
            context.Drop(batch, "empty");
            return;
        }

        var window = batch.ToWritable();
        Fill(window[block.Column], window.Rows);
        output.Emit(window);
    }

    protected virtual bool TakesEmpty => false;

    protected abstract void Fill(Column target, int rows);
}
