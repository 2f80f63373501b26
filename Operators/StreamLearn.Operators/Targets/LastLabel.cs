namespace StreamLearn.Operators;

/// <summary>Blocks that say what there is to learn.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Gives all rows of a window the label of its last row, where a window of several labels would have none: what a forecast of
    /// classes learns from after <c>Ahead</c>.</summary>
    /// <remarks>
    /// Shape: windows with an int32 <c>label</c> in, the same out. Units: unchanged. A window whose last row has no label has none after.
    /// State: none. Cost: O(rows). Emits: a window per window. Drops: <c>schema</c>, <c>empty</c>.
    /// Source: Dietterich (2002), Machine Learning for Sequential Data: A Review, sliding windows.
    /// </remarks>
    /// <param name="flow">The windows.</param>
    public static Flow<Batch> LastLabel(this Flow<Batch> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("last-label", new LastLabelBlock(),
            static (LastLabelBlock _, OperatorContext context, IOutput<Batch> output) => new LastLabel(context, output));
    }
}

/// <summary>What the block needs.</summary>
internal sealed record LastLabelBlock : IBlockOptions
{
    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        input.Require(Schema.LabelColumn, ColumnType.Int32);
        return input;
    }

    /// <inheritdoc />
    public override string ToString() => "";
}

internal sealed class LastLabel(OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    public override void Process(Batch batch)
    {
        if (batch.Rows == 0)
        {
            context.Drop(batch, "empty");
            return;
        }

        if (!batch.TryColumn(Schema.LabelColumn, out var told) || told.Field.Type != ColumnType.Int32)
        {
            context.Drop(batch, "schema");
            return;
        }

        var window = batch.ToWritable();
        var label = window[Schema.LabelColumn];
        var isThere = label.IsValid(window.Rows - 1);
        label.Writable<int>().Fill(label.Values<int>()[window.Rows - 1]);
        for (var row = 0; label.Field.Nullable && row < window.Rows; row++) { label.SetValid(row, isThere); }
        output.Emit(window);
    }
}
