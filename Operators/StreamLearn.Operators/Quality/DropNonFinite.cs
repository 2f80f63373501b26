using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Drops rows with a NaN or infinite channel.</summary>
    /// <remarks> Shape: rows × columns in, a subset of the rows out. Units: unchanged. Rows with missing values stay. State: none. Cost:
    /// O(rows × channels); a batch without such rows passes uncopied. Emits: at most one batch per batch. Drops: <c>non-finite</c> rows,
    /// <c>empty</c> batches. Source: IEEE 754-2019, section 6. </remarks>
    /// <param name="flow">The rows.</param>
    public static Flow<Batch> DropNonFinite(this Flow<Batch> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("drop-non-finite", new DropNonFiniteOptions(),
            static (DropNonFiniteOptions _, OperatorContext context, IOutput<Batch> output) => new DropNonFinite(context, output));
    }
}

internal sealed record DropNonFiniteOptions
{
    public override string ToString() => "";
}

internal sealed class DropNonFinite(OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private bool[] _good = [];

    public override void Process(Batch batch)
    {
        if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else if (AllFinite(batch)) { output.Emit(batch); }
        else { Compact(batch); }
    }

    private static bool AllFinite(Batch batch)
    {
        for (var c = 0; c < batch.Channels.Count; c++)
        {
            if (!TensorPrimitives.IsFiniteAll(batch.Channels[c].Values<float>())) { return false; }
        }

        return true;
    }

    private void Compact(Batch batch)
    {
        var kept = Mark(batch);
        if (kept == 0)
        {
            context.Drop(batch, "non-finite");
            return;
        }

        if (kept == batch.Rows)
        {
            output.Emit(batch);
            return;
        }

        var target = context.Pool.Rent(batch.Schema, kept);
        var to = 0;
        for (var from = 0; from < batch.Rows;)
        {
            var end = from;
            while (end < batch.Rows && _good[end]) { end++; }
            for (var c = 0; c < target.Columns.Count; c++) { target.Columns[c].CopyFrom(to, batch.Columns[c], from, end - from); }
            to += end - from;
            from = end;
            while (from < batch.Rows && !_good[from]) { from++; }
        }

        context.DropRows(batch.Rows - kept, "non-finite");
        batch.Dispose();
        output.Emit(target);
    }

    /// <summary>Ignores the raw values behind missing ones.</summary>
    private int Mark(Batch batch)
    {
        if (_good.Length < batch.Rows) { _good = new bool[batch.Rows]; }
        var good = _good.AsSpan(0, batch.Rows);
        good.Fill(true);
        for (var c = 0; c < batch.Channels.Count; c++)
        {
            var channel = batch.Channels[c];
            var values = channel.Values<float>();
            for (var row = 0; row < values.Length; row++) { good[row] &= float.IsFinite(values[row]) || !channel.IsValid(row); }
        }

        return good.Count(true);
    }
}
