using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Drops rows with a NaN or infinite channel.</summary>
    /// <remarks> Shape: rows × columns in, a subset of the rows out. Units: unchanged. Rows with missing values stay. State: none. Cost:
    /// O(rows × channels); a batch without such rows passes uncopied. Emits: at most one batch per batch. Drops: <c>non-finite</c> rows,
    /// <c>empty</c> batches. Source: IEEE 754-2019, section 6. </remarks>
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
    private int[] _good = [];       // rows

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
        var kept = Good(batch);
        if (kept.IsEmpty)
        {
            context.Drop(batch, "non-finite");
            return;
        }

        if (kept.Length == batch.Rows)
        {
            output.Emit(batch);
            return;
        }

        context.DropRows(batch.Rows - kept.Length, "non-finite");
        output.Emit(batch.Copy(kept));
        batch.Dispose();
    }

    /// <summary>Ignores the raw values of missing ones.</summary>
    private ReadOnlySpan<int> Good(Batch batch)
    {
        if (_good.Length < batch.Rows) { _good = new int[batch.Rows]; }
        var good = _good.AsSpan(0, batch.Rows);
        for (var row = 0; row < good.Length; row++) { good[row] = row; }
        for (var c = 0; c < batch.Channels.Count; c++)
        {
            var (channel, kept) = (batch.Channels[c], 0);
            var values = channel.Values<float>();
            foreach (var row in good)
            {
                if (float.IsFinite(values[row]) || !channel.IsValid(row)) { good[kept++] = row; }
            }

            good = good[..kept];
        }

        return good;
    }
}
