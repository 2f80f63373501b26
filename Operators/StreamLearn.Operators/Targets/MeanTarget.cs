using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Blocks that set learning targets.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Sets all of a window's targets to their mean instead of the last row's.</summary>
    /// <remarks> Shape: windows with a float64 <c>target</c> in, the same out. Units: unchanged. Missing targets are skipped; without any,
    /// the window has none. State: none. Cost: O(rows). Emits: a window per window. Drops: <c>schema</c>. Source: Dietterich (2002),
    /// sliding windows. </remarks>
    /// <param name="flow">The windows.</param>
    public static Flow<Batch> MeanTarget(this Flow<Batch> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("mean-target", new TargetOfWindowBlock(Schema.TargetColumn, ColumnType.Float64),
            static (TargetOfWindowBlock block, OperatorContext context, IOutput<Batch> output) => new MeanTarget(block, context, output));
    }
}

internal sealed class MeanTarget(TargetOfWindowBlock block, OperatorContext context, IOutput<Batch> output)
    : TargetOfWindow(block, context, output)
{
    protected override bool TakesEmpty => true;

    protected override void Fill(Column target, int rows)
    {
        var values = target.Writable<double>();
        var missing = target.CountMissing();
        if (missing == rows) { return; }
        var sum = 0.0;
        if (missing == 0) { sum = TensorPrimitives.Sum<double>(values); }
        for (var row = 0; missing > 0 && row < rows; row++) { sum += target.IsValid(row) ? values[row] : 0; }
        values.Fill(sum / (rows - missing));
        for (var row = 0; missing > 0 && row < rows; row++) { target.SetValid(row, true); }
    }
}
