using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Settings of <c>KeepNovel</c> and <c>KeepNovelBeyond</c>.</summary>
public sealed record KeepNovelOptions
{
    /// <summary>Rows of an item: 1, or the samples of a window, so that windows are kept whole. At least 1; default 1.</summary>
    public int ItemRows { get; init; } = 1;

    /// <summary>Kept items that new ones are compared with: the last so many. 1 to 65,536; default 128.</summary>
    public int Memory { get; init; } = 128;
}

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Keeps the items that are least like those kept last, as many as a fraction of all.</summary>
    /// <remarks>
    /// Shape: rows × columns in, at most as many rows of the same columns out. Units: unchanged; channels of different units should be
    /// scaled before, since the distance of two items is the root mean square of the differences of all their float32 values.
    /// State: the values of the last kept items, and the last 256 distances. Cost: values × memory multiply-adds per item; no allocation.
    /// Emits: at most one batch per batch. Kept are those whose distance to the nearest remembered item is in the upper fraction of the
    /// recent ones; their number is within 17 of the fraction of all, at any time. The first item is kept.
    /// Drops: <c>not-novel</c>, <c>non-finite</c> (a value is missing, NaN or infinite), <c>incomplete-item</c> rows at the end of a batch
    /// that is not a multiple of the item, <c>empty</c>, <c>schema</c>.
    /// Source: novelty by the distance to the nearest neighbour, Knorr and Ng (1998); greedy k-centre, Sener and Savarese (2018).
    /// </remarks>
    /// <param name="flow">The rows, or windows.</param>
    /// <param name="fraction">How many of the items are kept, more than 0 and at most 1.</param>
    /// <param name="options">Rows of an item, and memory; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Flow<Batch> KeepNovel(this Flow<Batch> flow, double fraction, KeepNovelOptions? options = null)
    {
        KeepBlock.CheckFraction(fraction);
        return flow.KeepNovel(new KeepNovelBlock(fraction, null, options ?? new()));
    }

    /// <summary>Keeps the items further than a distance from all those kept last.</summary>
    /// <remarks>
    /// As <see cref="KeepNovel(Flow{Batch}, double, KeepNovelOptions?)"/>, with a fixed threshold in place of a fraction: on a stream that
    /// brings nothing new, nothing is kept.
    /// </remarks>
    /// <param name="flow">The rows, or windows.</param>
    /// <param name="distance">The root mean square difference, in the channels' unit, beyond which an item is novel; at least 0.</param>
    /// <param name="options">Rows of an item, and memory; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Flow<Batch> KeepNovelBeyond(this Flow<Batch> flow, float distance, KeepNovelOptions? options = null)
    {
        if (!(distance >= 0)) { throw new ArgumentOutOfRangeException(nameof(distance), distance, "expected a distance of at least 0"); }
        return flow.KeepNovel(new KeepNovelBlock(null, distance, options ?? new()));
    }

    private static Flow<Batch> KeepNovel(this Flow<Batch> flow, KeepNovelBlock block)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(block.ItemRows, 1, "options");
        ArgumentOutOfRangeException.ThrowIfLessThan(block.Options.Memory, 1, "options");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Options.Memory, 1 << 16, "options");
        return flow.Via<KeepBlock, Batch, KeepItems>("keep-novel", block, static (block, context, output) => new(block, context, output));
    }
}

/// <summary>A block that keeps what is novel: a fraction, or what is beyond a distance.</summary>
internal sealed record KeepNovelBlock(double? Fraction, float? Distance, KeepNovelOptions Options) : KeepBlock(Options.ItemRows)
{
    public override string State => $"the last {Options.Memory} items kept";

    public override long StateBytes(Schema? input) =>
        input is null ? 0 : RunningThreshold.Bytes
            + ((long)sizeof(float) * Options.Memory * ItemRows * input.Fields.Count(f => f.Type == ColumnType.Float32));

    public override Schema Output(Schema input) => input.Fields.Any(f => f.Type == ColumnType.Float32) ? input
        : throw new SchemaException($"expected at least one float32 channel, got {input}");

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{(Fraction is { } fraction ? $"fraction {fraction}" : $"beyond {Distance}")}, items of {ItemRows}, {State}");

    internal override IItemChoice Make(Schema schema, OperatorContext context) =>
        new Novelty(this, schema.Fields.Count(f => f.Type == ColumnType.Float32), context);
}

/// <summary>Compares items with the last ones kept.</summary>
internal sealed class Novelty(KeepNovelBlock block, int channels, OperatorContext context) : IItemChoice
{
    private readonly int _memory = block.Options.Memory;
    private readonly int _values = channels * block.ItemRows;
    private readonly float[] _kept = new float[channels * block.ItemRows * block.Options.Memory];      // value by value, items side by side
    private readonly float[] _item = new float[channels * block.ItemRows];
    private readonly float[] _difference = new float[block.Options.Memory];
    private readonly float[] _sum = new float[block.Options.Memory];
    private readonly RunningThreshold? _threshold = block.Fraction is { } fraction ? new(fraction, context.Random) : null;
    private int _count;
    private int _next;

    public string? Refuse(Batch batch, int row)
    {
        if (!Read(batch, row)) { return "non-finite"; }
        if (_count == 0)
        {
            _threshold?.Take();
        }
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

    /// <summary>The distance to the nearest item kept. Lanes run across items, and values are added in order.</summary>
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
