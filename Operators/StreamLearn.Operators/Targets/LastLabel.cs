namespace StreamLearn.Operators;

/// <summary>Blocks that set learning targets.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Sets a window's labels to its last row's, for class forecasts after <c>Ahead</c>.</summary>
    /// <remarks> Shape: windows with an int32 <c>label</c> in, the same out. Units: unchanged. Without a last label the window has none.
    /// State: none. Cost: O(rows). Emits: a window per window. Drops: <c>schema</c>, <c>empty</c>. Source: Dietterich (2002), sliding
    /// windows. </remarks>
    /// <param name="flow">The windows.</param>
    public static Flow<Batch> LastLabel(this Flow<Batch> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("last-label", new TargetOfWindowBlock(Schema.LabelColumn, ColumnType.Int32),
            static (TargetOfWindowBlock block, OperatorContext context, IOutput<Batch> output) => new LastLabel(block, context, output));
    }
}

internal sealed class LastLabel(TargetOfWindowBlock block, OperatorContext context, IOutput<Batch> output)
    : TargetOfWindow(block, context, output)
{
    protected override void Fill(Column target, int rows)
    {
        var isThere = target.IsValid(rows - 1);
        target.Writable<int>().Fill(target.Values<int>()[rows - 1]);
        for (var row = 0; target.Field.Nullable && row < rows; row++) { target.SetValid(row, isThere); }
    }
}
