using System.Numerics.Tensors;

namespace StreamLearn.Operators;

internal sealed record KeepBalancedOptions
{
    public string Label { get; init; } = Schema.LabelColumn;

    public int MaxClasses { get; init; } = 64;

    public int ItemRows { get; init; } = 1;
}

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Keeps a fraction of all items, balanced over the classes as far as possible.</summary>
    /// <remarks> Shape: rows × columns in, a subset of the rows out. Units: unchanged. State: recent class frequencies. Cost: one random
    /// number and O(classes) an item; no allocation. Emits: at most one batch per batch. Classes have equal quotas; the unused quota of a
    /// rare class is divided among the others. Frequencies cover about a thousand items; the count is always within 17 of the fraction.
    /// Drops: <c>over-quota</c>, <c>unlabelled</c> (a missing label, or rows that disagree), <c>bad-label</c>, <c>incomplete-item</c> rows
    /// at a batch's end, <c>empty</c>, <c>schema</c>. Source: Chrysakis and Moens (2020). </remarks>
    /// <param name="flow">Labelled rows, or windows.</param>
    /// <param name="fraction">Share kept, above 0, at most 1.</param>
    /// <param name="label">Int32 class column, from 0.</param>
    /// <param name="maxClasses">Maximum classes, 1 to 4096.</param>
    /// <param name="itemRows">Rows of an item, at least 1: 1, or a window's samples, which must agree on the class.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> KeepBalanced(
        this Flow<Batch> flow, double fraction, string label = Schema.LabelColumn, int maxClasses = 64, int itemRows = 1)
    {
        ArgumentNullException.ThrowIfNull(flow);
        KeepBlock.CheckFraction(fraction);
        var options = new KeepBalancedOptions { Label = label, MaxClasses = maxClasses, ItemRows = itemRows };
        ArgumentException.ThrowIfNullOrEmpty(options.Label);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ItemRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxClasses, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxClasses, 4096);
        return flow.Via<KeepBlock, Batch, KeepItems>("keep-balanced", new KeepBalancedBlock(fraction, options),
            static (block, context, output) => new(block, context, output));
    }
}

internal sealed record KeepBalancedBlock(double Fraction, KeepBalancedOptions Options) : KeepBlock(Options.ItemRows)
{
    public override string State => $"the frequency of up to {Options.MaxClasses} classes";

    public override long StateBytes(Schema? input) => 64 + ((long)sizeof(double) * Options.MaxClasses);

    public override Schema Output(Schema input)
    {
        input.Require(Options.Label, ColumnType.Int32);
        return input;
    }

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"fraction {Fraction} by {Options.Label}, items of {ItemRows}");

    internal override IItemChoice Make(Schema schema, OperatorContext context) =>
        new ClassQuotas(this, schema.IndexOf(Options.Label), context);
}

internal sealed class ClassQuotas(KeepBalancedBlock block, int column, OperatorContext context) : IItemChoice
{
    private const double Forget = 1.0 / 512;

    private readonly Budget _budget = new(block.Fraction);
    private readonly double[] _rates = new double[block.Options.MaxClasses];       // share of each class in recent items
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

    /// <summary>Solves Σ min(rate, quota) = share.</summary>
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
