using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Adds blocks that set learning targets.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Sets the labels of a window to that of its last row, for forecasts of classes after <c>Ahead</c>.</summary>
    /// <remarks> Shape: windows with an int32 <c>label</c> in, the same out. Units: unchanged. Without a last label the window has none.
    /// State: none. Cost: O(rows). Emits: a window per window. Drops: <c>schema</c>, <c>empty</c>. Source: Dietterich (2002), sliding
    /// windows. </remarks>
    public static Flow<Batch> LastLabel(this Flow<Batch> flow) =>
        TargetOfWindow(flow, "last-label", new(Schema.LabelColumn, ColumnType.Int32), takesEmpty: false, FillLast);

    /// <summary>Sets all targets of a window to their mean instead of the last row's.</summary>
    /// <remarks> Shape: windows with a float64 <c>target</c> in, the same out. Units: unchanged. Missing targets are skipped; without any,
    /// the window has none. State: none. Cost: O(rows). Emits: a window per window. Drops: <c>schema</c>. Source: Dietterich (2002),
    /// sliding windows. </remarks>
    public static Flow<Batch> MeanTarget(this Flow<Batch> flow) =>
        TargetOfWindow(flow, "mean-target", new(Schema.TargetColumn, ColumnType.Float64), takesEmpty: true, FillMean);

    private static Flow<Batch> TargetOfWindow(
        Flow<Batch> flow, string name, TargetOfWindowBlock block, bool takesEmpty, Action<Column> fill)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via(name, block, (TargetOfWindowBlock block, OperatorContext context, IOutput<Batch> output) =>
            new TargetOfWindow(block, takesEmpty, fill, context, output));
    }

    private static void FillLast(Column target)
    {
        var last = target.Rows - 1;
        var isThere = target.IsValid(last);
        target.Writable<int>().Fill(target.Values<int>()[last]);
        for (var row = 0; target.Field.Nullable && row < target.Rows; row++) { target.SetValid(row, isThere); }
    }

    private static void FillMean(Column target)
    {
        var values = target.Writable<double>();
        var missing = target.CountMissing();
        if (missing == target.Rows) { return; }
        var sum = 0.0;
        if (missing == 0) { sum = TensorPrimitives.Sum<double>(values); }
        for (var row = 0; missing > 0 && row < target.Rows; row++) { sum += target.IsValid(row) ? values[row] : 0; }
        values.Fill(sum / (target.Rows - missing));
        for (var row = 0; missing > 0 && row < target.Rows; row++) { target.SetValid(row, true); }
    }
}

internal sealed record TargetOfWindowBlock(string Column, ColumnType Type) : IBlockOptions
{
    public Schema Output(Schema input)
    {
        input.Require(Column, Type);
        return input;
    }

    public override string ToString() => "";
}

internal sealed class TargetOfWindow(
    TargetOfWindowBlock block, bool takesEmpty, Action<Column> fill, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    public override void Process(Batch batch)
    {
        if (!batch.TryColumn(block.Column, out var told) || told.Field.Type != block.Type)
        {
            context.Drop(batch, "schema");
            return;
        }

        if (batch.Rows == 0 && !takesEmpty)
        {
            context.Drop(batch, "empty");
            return;
        }

        var window = batch.ToWritable();
        fill(window[block.Column]);
        output.Emit(window);
    }
}
