namespace StreamLearn.Operators;

public static partial class OperatorFlowExtensions
{
    /// <summary>Ends a flow with a batch without rows, so that subscribers notice the end
    /// (<see cref="SubscribeOptions.EndsOnEmpty"/>).</summary>
    /// <remarks> Shape: unchanged. State: none. Cost: none. Emits: the same batches, then one without rows. Drops: none. Source: Apache
    /// Arrow's IPC end of stream. </remarks>
    /// <param name="flow">Batches with columns that are declared or have arrived.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    public static Flow<Batch> EndWithEmpty(this Flow<Batch> flow, string name = "end")
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via(name, new EndWithEmptyOptions(), static (EndWithEmptyOptions _, OperatorContext context, IOutput<Batch> output) =>
            new EndWithEmpty(context, output));
    }
}

internal sealed record EndWithEmptyOptions : IBlockOptions
{
    public Schema Output(Schema input) => input;

    public int? MaxRows(int? input) => input;

    public override string ToString() => "";
}

internal sealed class EndWithEmpty(OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private Schema? _columns = context.Columns;

    public string StateFormat => "end-with-empty/1";

    public override void Process(Batch input)
    {
        _columns ??= input.Schema;
        output.Emit(input);
    }

    public override void Complete()
    {
        if (_columns is not null) { output.Emit(context.Pool.Rent(_columns, 0)); }
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _columns);
        if (s.IsReading) { _columns ??= context.Columns; }
    }
}
