namespace StreamLearn.Operators;

public static partial class OperatorFlowExtensions
{
    /// <summary>Adds a batch without rows at the end of a flow, so that who subscribes to it over a transport hears of the end
    /// (<see cref="SubscribeOptions.EndsOnEmpty"/>).</summary>
    /// <remarks>
    /// Shape: unchanged. State: none. Cost: none. Emits: the same batches, and at the end one of their columns and no rows. Drops: none.
    /// Source: the end of a stream of Apache Arrow's IPC format, for messages that go one by one.
    /// </remarks>
    /// <param name="flow">Batches, whose columns must be known before the run or have come.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    public static Flow<Batch> EndWithEmpty(this Flow<Batch> flow, string name = "end")
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via(name, new EndWithEmptyOptions(), static (EndWithEmptyOptions _, OperatorContext context, IOutput<Batch> output) =>
            new EndWithEmpty(context, output));
    }
}

/// <summary>A flow that says when it has ended.</summary>
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
