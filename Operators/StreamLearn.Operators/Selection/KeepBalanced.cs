using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Keeps a fraction of all items, balanced over the classes as far as possible.</summary>
    /// <remarks> Shape: rows × columns in, a subset of the rows out. Units: unchanged. State: recent class frequencies. Cost: one random
    /// number and O(classes) per item; no allocation. Emits: at most one batch per batch. Classes have equal quotas; the unused quota of a
    /// rare class is divided among the others. Frequencies cover about a thousand items; the count is always within 17 of the fraction.
    /// Drops: <c>over-quota</c>, <c>unlabelled</c> (a missing label, or rows that disagree), <c>bad-label</c>, <c>incomplete-item</c> rows
    /// at a batch's end, <c>empty</c>, <c>schema</c>. Source: Chrysakis and Moens (2020). </remarks>
    /// <param name="flow">Labeled rows, or windows.</param>
    /// <param name="fraction">Share of items to keep, above 0, at most 1.</param>
    /// <param name="label">The int32 class column; classes count from 0.</param>
    /// <param name="maxClasses">Maximum number of classes, 1 to 4096.</param>
    /// <param name="itemRows">Rows per item, at least 1: 1, or a window's samples, which must agree on the class.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> KeepBalanced(
        this Flow<Batch> flow, double fraction, string label = Schema.LabelColumn, int maxClasses = 64, int itemRows = 1)
    {
        ArgumentNullException.ThrowIfNull(flow);
        KeepBlock.CheckFraction(fraction);
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentOutOfRangeException.ThrowIfLessThan(itemRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxClasses, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxClasses, 4096);
        return flow.Via<KeepBlock, Batch, KeepItems>("keep-balanced", new KeepBalancedBlock(fraction, label, maxClasses, itemRows),
            static (block, context, output) => new(block, context, output));
    }
}

internal sealed record KeepBalancedBlock(double Fraction, string Label, int MaxClasses, int ItemRows) : KeepBlock(ItemRows)
{
    public override string State => $"the frequency of up to {MaxClasses} classes";

    public override long StateBytes(Schema? input) => 64 + ((long)sizeof(double) * MaxClasses);

    public override Schema Output(Schema input)
    {
        input.Require(Label, ColumnType.Int32);
        return input;
    }

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"fraction {Fraction} by {Label}, items of {ItemRows}");

    internal override IItemChoice Make(Schema schema, OperatorContext context) => new ClassQuotas(this, schema.IndexOf(Label), context);
}

internal sealed class ClassQuotas(KeepBalancedBlock block, int column, OperatorContext context) : IItemChoice
{
    private const double Forget = 1.0 / 512;

    private readonly Budget _budget = new(block.Fraction);
    private readonly double[] _rates = new double[block.MaxClasses];       // share of each class in recent items
    private int _classes;       // highest class so far, plus one
    private long _items;

    public string? Refuse(Batch batch, int row)
    {
        var labels = batch.Columns[column];
        var values = labels.Values<int>().Slice(row, block.ItemRows);
        var label = values[0];
        for (var i = 0; i < values.Length; i++)
        {
            if (!labels.IsValid(row + i) || values[i] != label) { return "unlabelled"; }
        }

        if ((uint)label >= (uint)_rates.Length) { return "bad-label"; }
        Learn(label);
        var kept = context.Random.NextDouble() * _rates[label] < Quota(_budget.Share);
        _budget.Count(kept);
        return kept ? null : "over-quota";
    }

    public void State(ref StateStream s)
    {
        _budget.State(ref s);
        s.Values<double>(_rates);
        s.Value(ref _classes, 0, _rates.Length);
        s.Value(ref _items);
    }

    private void Learn(int label)
    {
        var weight = Math.Max(Forget, 1.0 / ++_items);
        _classes = Math.Max(_classes, label + 1);
        TensorPrimitives.Multiply(_rates.AsSpan(0, _classes), 1 - weight, _rates);
        _rates[label] += weight;
    }

    private double Quota(double share)
    {
        if (share >= 1) { return double.PositiveInfinity; }
        var quota = 0.0;
        var (open, before) = (-1, -1);
        do
        {
            (open, before) = (0, open);
            var rest = share;
            foreach (var rate in _rates.AsSpan(0, _classes))
            {
                if (rate <= quota) { rest -= rate; }
                else { open++; }
            }

            if (open > 0) { quota = rest / open; }
        }
        while (open != before);

        return quota;
    }
}
