using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Settings of <c>KeepBalanced</c>.</summary>
public sealed record KeepBalancedOptions
{
    /// <summary>The int32 column of the class, from 0; default <c>label</c>.</summary>
    public string Label { get; init; } = Schema.LabelColumn;

    /// <summary>Classes at most, 1 to 4096; default 64.</summary>
    public int MaxClasses { get; init; } = 64;

    /// <summary>Rows of an item: 1, or the samples of a window, whose rows must agree on the class. At least 1; default 1.</summary>
    public int ItemRows { get; init; } = 1;
}

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Keeps a fraction of all items, and as many of each class as of any other, as far as there are so many.</summary>
    /// <remarks>
    /// Shape: rows × columns in, at most as many rows of the same columns out. Units: unchanged. State: how often each class came of late.
    /// Cost: one random number and O(classes) an item; no allocation. Emits: at most one batch per batch. Each class has the same quota;
    /// what a rare class leaves of its own goes to the others. How frequent a class is, is judged by the last thousand items or so; the
    /// number kept is within 17 of the fraction of all, at any time.
    /// Drops: <c>over-quota</c>, <c>unlabelled</c> (a label is missing, or the rows of an item disagree), <c>bad-label</c>,
    /// <c>incomplete-item</c> rows at the end of a batch that is not a multiple of the item, <c>empty</c>, <c>schema</c>.
    /// Source: class-balanced reservoirs, Chrysakis and Moens (2020), as quotas of a stream.
    /// </remarks>
    /// <param name="flow">Labelled rows, or windows.</param>
    /// <param name="fraction">How many of the items are kept, more than 0 and at most 1.</param>
    /// <param name="options">Label column, classes and rows of an item; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> KeepBalanced(this Flow<Batch> flow, double fraction, KeepBalancedOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        KeepBlock.CheckFraction(fraction);
        options ??= new();
        ArgumentException.ThrowIfNullOrEmpty(options.Label);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ItemRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxClasses, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxClasses, 4096);
        return flow.Via<KeepBlock, Batch, KeepItems>("keep-balanced", new KeepBalancedBlock(fraction, options),
            static (block, context, output) => new(block, context, output));
    }
}

/// <summary>A block that keeps as many items of each class.</summary>
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

/// <summary>Gives each class the same quota of what is kept.</summary>
internal sealed class ClassQuotas(KeepBalancedBlock block, int column, OperatorContext context) : IItemChoice
{
    private const double Forget = 1.0 / 512;

    private readonly Budget _budget = new(block.Fraction);
    private readonly double[] _rates = new double[block.Options.MaxClasses];       // share of each class in the items of late
    private int _classes;       // up to the highest that came
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

    /// <summary>A mean of the first items, an exponential one from then on.</summary>
    private void Learn(int label)
    {
        var weight = Math.Max(Forget, 1.0 / ++_items);
        _classes = Math.Max(_classes, label + 1);
        TensorPrimitives.Multiply(_rates.AsSpan(0, _classes), 1 - weight, _rates);
        _rates[label] += weight;
    }

    /// <summary>What each class may have so that all together have a share: Σ min(rate, quota) = share.</summary>
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
