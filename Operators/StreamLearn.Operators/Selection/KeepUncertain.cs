using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>How the uncertainty of an answer is measured.</summary>
public enum Uncertainty
{
    /// <summary>1 − the largest probability.</summary>
    MinConfidence,

    /// <summary>1 − the difference of the two largest probabilities.</summary>
    Margin,

    /// <summary>−Σ p ln p, in nats.</summary>
    Entropy,
}

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Keeps the fraction of items about which a model is least sure.</summary>
    /// <remarks> Shape: rows × columns in, a subset of the rows out. Units: unchanged. State: the last 256 uncertainties. Cost: O(columns)
    /// per row; no allocation. Emits: at most one batch per batch, with items in the upper fraction of recent ones; the count is always
    /// within 17 of the fraction. Drops: <c>certain</c>, <c>non-finite</c> (a probability is missing, NaN or infinite),
    /// <c>incomplete-item</c> rows at a batch's end, <c>empty</c>, <c>schema</c>. Source: Lewis and Gale (1994); Scheffer, Decomain, Wrobel
    /// (2001), margin. </remarks>
    /// <param name="flow">Rows with probabilities.</param>
    /// <param name="fraction">Share of items to keep, above 0, at most 1.</param>
    /// <param name="columns">The float32 columns with probabilities, 0 to 1, of all classes or only of the answer; null: <c>confidence</c>,
    /// from <c>Infer</c>.</param>
    /// <param name="measure">The measure; a single column allows only least confidence.</param>
    /// <param name="itemRows">Rows per item, at least 1; their uncertainties are averaged.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the measure needs more columns.</exception>
    public static Flow<Batch> KeepUncertain(this Flow<Batch> flow, double fraction, IReadOnlyList<string>? columns = null,
        Uncertainty measure = Uncertainty.MinConfidence, int itemRows = 1)
    {
        ArgumentNullException.ThrowIfNull(flow);
        KeepBlock.CheckFraction(fraction);
        ArgumentOutOfRangeException.ThrowIfLessThan(itemRows, 1);
        var block = new KeepUncertainBlock(fraction, [.. columns ?? ["confidence"]], measure, itemRows);
        if (block.Columns.IsEmpty || block.Columns.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("expected the names of one or more columns", nameof(columns));
        }

        if (block.Columns.Length == 1 && measure != Uncertainty.MinConfidence)
        {
            throw new ArgumentException($"expected two or more columns of probabilities for {measure}, got one", nameof(measure));
        }

        return flow.Via<KeepBlock, Batch, KeepItems>("keep-uncertain", block,
            static (block, context, output) => new(block, context, output));
    }
}

internal sealed record KeepUncertainBlock(double Fraction, ImmutableArray<string> Columns, Uncertainty Measure, int ItemRows)
    : KeepBlock(ItemRows)
{
    public override string State => "the last 256 uncertainties";

    public override long StateBytes(Schema? input) => RunningThreshold.Bytes;

    public override Schema Output(Schema input)
    {
        foreach (var column in Columns) { input.Require(column, ColumnType.Float32); }
        return input;
    }

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"fraction {Fraction} by {Measure} of {string.Join(", ", Columns)}, items of {ItemRows}");

    public bool Equals(KeepUncertainBlock? other) => other is not null
        && (Fraction, Measure, ItemRows) == (other.Fraction, other.Measure, other.ItemRows)
        && Columns.AsSpan().SequenceEqual(other.Columns.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Fraction, Columns.Length, Measure, ItemRows);

    internal override IItemChoice Make(Schema schema, OperatorContext context) => new UncertaintyChoice(this, schema, context);
}

internal sealed class UncertaintyChoice(KeepUncertainBlock block, Schema schema, OperatorContext context) : IItemChoice
{
    private readonly int[] _columns = [.. block.Columns.Select(schema.IndexOf)];
    private readonly RunningThreshold _threshold = new(block.Fraction, context.Random);

    public string? Refuse(Batch batch, int row)
    {
        var sum = 0.0;
        for (var r = row; r < row + block.ItemRows; r++) { sum += Of(batch, r); }
        if (!double.IsFinite(sum)) { return "non-finite"; }
        return _threshold.Keep((float)(sum / block.ItemRows)) ? null : "certain";
    }

    public void State(ref StateStream s) => _threshold.State(ref s);

    private double Of(Batch batch, int row)
    {
        var (largest, next, entropy) = (double.NegativeInfinity, double.NegativeInfinity, 0.0);
        foreach (var index in _columns)
        {
            var column = batch.Columns[index];
            double p = column.Values<float>()[row];
            if (!double.IsFinite(p) || !column.IsValid(row)) { return double.NaN; }
            if (p > 0 && block.Measure == Uncertainty.Entropy) { entropy -= p * Math.Log(p); }
            next = Math.Max(next, Math.Min(p, largest));
            largest = Math.Max(largest, p);
        }

        return block.Measure switch
        {
            Uncertainty.MinConfidence => 1 - largest,
            Uncertainty.Margin => 1 - (largest - next),
            _ => entropy,
        };
    }
}
