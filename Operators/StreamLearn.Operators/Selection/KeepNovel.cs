using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Keeps the fraction of items that differ most from those kept last.</summary>
    /// <remarks> Shape: rows × columns in, a subset of the rows out. Units: unchanged; scale channels of different units first: the
    /// distance is the root mean square difference of all float32 values. State: the last kept items, and the last 256 distances. Cost:
    /// values × memory multiply-adds per item; no allocation. Emits: at most one batch per batch, with the first item and those whose
    /// distance to the nearest remembered one is in the upper fraction of recent ones; the count is always within 17 of the fraction.
    /// Drops: <c>not-novel</c>, <c>non-finite</c> (a value is missing, NaN or infinite), <c>incomplete-item</c> rows at a batch's end,
    /// <c>empty</c>, <c>schema</c>. Source: Knorr and Ng (1998), nearest-neighbor novelty; Sener and Savarese (2018), greedy k-center.
    /// </remarks>
    /// <param name="flow">The rows, or windows.</param>
    /// <param name="fraction">Share of items to keep, above 0, at most 1.</param>
    /// <param name="itemRows">Rows per item, at least 1: 1, or a window's samples, to keep windows whole.</param>
    /// <param name="memory">Last kept items with which new ones are compared, 1 to 65,536.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Flow<Batch> KeepNovel(this Flow<Batch> flow, double fraction, int itemRows = 1, int memory = 128)
    {
        KeepBlock.CheckFraction(fraction);
        return flow.KeepNovel(new(fraction, null, itemRows, memory));
    }

    /// <summary>Keeps items that are farther than a distance from all those kept last.</summary>
    /// <remarks>As <see cref="KeepNovel(Flow{Batch}, double, int, int)"/>, but a stream without novelty keeps nothing.</remarks>
    /// <param name="flow">The rows, or windows.</param>
    /// <param name="distance">Root mean square difference of novel items, in the unit of the channels, at least 0.</param>
    /// <param name="itemRows">Rows per item, at least 1: 1, or a window's samples, to keep windows whole.</param>
    /// <param name="memory">Last kept items with which new ones are compared, 1 to 65,536.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Flow<Batch> KeepNovelBeyond(this Flow<Batch> flow, float distance, int itemRows = 1, int memory = 128)
    {
        if (!(distance >= 0)) { throw new ArgumentOutOfRangeException(nameof(distance), distance, "expected a distance of at least 0"); }
        return flow.KeepNovel(new(null, distance, itemRows, memory));
    }

    private static Flow<Batch> KeepNovel(this Flow<Batch> flow, KeepNovelBlock block)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(block.ItemRows, 1, "itemRows");
        ArgumentOutOfRangeException.ThrowIfLessThan(block.Memory, 1, "memory");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Memory, 1 << 16, "memory");
        return flow.Via<KeepBlock, Batch, KeepItems>("keep-novel", block, static (block, context, output) => new(block, context, output));
    }
}

internal sealed record KeepNovelBlock(double? Fraction, float? Distance, int ItemRows, int Memory) : KeepBlock(ItemRows)
{
    public override string State => $"the last {Memory} items kept";

    public override long StateBytes(Schema? input) =>
        input is null ? 0 : RunningThreshold.Bytes
            + ((long)sizeof(float) * Memory * ItemRows * input.Fields.Count(f => f.Type == ColumnType.Float32));

    public override Schema Output(Schema input) => input.Fields.Any(f => f.Type == ColumnType.Float32) ? input
        : throw new SchemaException($"expected at least one float32 channel, got {input}");

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{(Fraction is { } fraction ? $"fraction {fraction}" : $"beyond {Distance}")}, items of {ItemRows}, {State}");

    internal override IItemChoice Make(Schema schema, OperatorContext context) =>
        new Novelty(this, schema.Fields.Count(f => f.Type == ColumnType.Float32), context);
}

internal sealed class Novelty(KeepNovelBlock block, int channels, OperatorContext context) : IItemChoice
{
    private readonly int _memory = block.Memory;
    private readonly int _values = channels * block.ItemRows;
    private readonly float[] _kept = new float[channels * block.ItemRows * block.Memory];      // value by value, lanes are items
    private readonly float[] _item = new float[channels * block.ItemRows];
    private readonly float[] _difference = new float[block.Memory];
    private readonly float[] _sum = new float[block.Memory];
    private readonly RunningThreshold? _threshold = block.Fraction is { } fraction ? new(fraction, context.Random) : null;
    private int _count;
    private int _next;

    public string? Refuse(Batch batch, int row)
    {
        if (!Read(batch, row)) { return "non-finite"; }
        if (_count == 0) { _threshold?.Take(); }
        else
        {
            var distance = Distance();
            if (!(_threshold?.Keep(distance) ?? distance > block.Distance)) { return "not-novel"; }
        }

        Remember();
        return null;
    }

    public void State(ref StateStream s)
    {
        _threshold?.State(ref s);
        s.Values<float>(_kept);
        s.Value(ref _count, 0, _memory);
        s.Value(ref _next, 0, _memory - 1);
    }

    private bool Read(Batch batch, int row)
    {
        for (var c = 0; c < channels; c++)
        {
            var channel = batch.Channels[c];
            var values = channel.Values<float>().Slice(row, block.ItemRows);
            if (!TensorPrimitives.IsFiniteAll<float>(values)) { return false; }
            for (var i = 0; channel.Field.Nullable && i < values.Length; i++)
            {
                if (!channel.IsValid(row + i)) { return false; }
            }

            values.CopyTo(_item.AsSpan(c * block.ItemRows));
        }

        return true;
    }

    /// <summary>Returns the distance to the nearest kept item. Lanes run across items; values are added in order.</summary>
    private float Distance()
    {
        var difference = _difference.AsSpan(0, _count);
        var sum = _sum.AsSpan(0, _count);
        sum.Clear();
        for (var v = 0; v < _values; v++)
        {
            TensorPrimitives.Subtract(_kept.AsSpan(v * _memory, _count), _item[v], difference);
            TensorPrimitives.MultiplyAdd(difference, difference, sum, sum);
        }

        context.Charge((long)_values * _count);
        return Math.Min(MathF.Sqrt(TensorPrimitives.Min<float>(sum) / _values), float.MaxValue);
    }

    private void Remember()
    {
        for (var v = 0; v < _values; v++) { _kept[(v * _memory) + _next] = _item[v]; }
        _next = (_next + 1) % _memory;
        _count = Math.Max(_count, _next == 0 ? _memory : _next);
    }
}
