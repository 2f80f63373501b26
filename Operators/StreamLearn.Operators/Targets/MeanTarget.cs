using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Blocks that say what there is to learn.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Gives all rows of a window the mean of their targets, where the target of a window would be that of its last row.</summary>
    /// <remarks>
    /// Shape: windows with a float64 <c>target</c> in, the same out. Units: unchanged. Missing targets are skipped; a window without any
    /// has none after. State: none. Cost: O(rows). Emits: a window per window. Drops: <c>schema</c>.
    /// Source: Dietterich (2002), Machine Learning for Sequential Data: A Review, sliding windows; the arithmetic mean of a window.
    /// </remarks>
    /// <param name="flow">The windows.</param>
    public static Flow<Batch> MeanTarget(this Flow<Batch> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("mean-target", new MeanTargetBlock(),
            static (MeanTargetBlock _, OperatorContext context, IOutput<Batch> output) => new MeanTarget(context, output));
    }
}

/// <summary>What the block needs.</summary>
internal sealed record MeanTargetBlock : IBlockOptions
{
    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        input.Require(Schema.TargetColumn, ColumnType.Float64);
        return input;
    }

    /// <inheritdoc />
    public override string ToString() => "";
}

internal sealed class MeanTarget(OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    public override void Process(Batch batch)
    {
        if (!batch.TryColumn(Schema.TargetColumn, out var told) || told.Field.Type != ColumnType.Float64)
        {
            context.Drop(batch, "schema");
            return;
        }

        var window = batch.ToWritable();
        var target = window[Schema.TargetColumn];
        var values = target.Writable<double>();
        var missing = target.CountMissing();
        if (missing == values.Length)
        {
            output.Emit(window);
            return;
        }

        var sum = 0.0;
        if (missing == 0) { sum = TensorPrimitives.Sum<double>(values); }
        for (var row = 0; missing > 0 && row < values.Length; row++) { sum += target.IsValid(row) ? values[row] : 0; }
        values.Fill(sum / (values.Length - missing));
        for (var row = 0; missing > 0 && row < values.Length; row++) { target.SetValid(row, true); }
        output.Emit(window);
    }
}
