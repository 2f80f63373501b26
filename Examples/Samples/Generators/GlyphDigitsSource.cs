namespace StreamLearn.Samples;

/// <summary>Settings of <c>FromGlyphDigits</c>.</summary>
public sealed record GlyphDigitsOptions
{
    /// <summary>Digits per batch, 1 to 65,536; default 32. The last batch may be shorter.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Digits per second, above 0; default infinite: no delay.</summary>
    public double RowsPerSecond { get; init; } = double.PositiveInfinity;

    internal GlyphDigitsOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65536);
        if (!(RowsPerSecond > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(RowsPerSecond), RowsPerSecond, "expected a rate of more than 0");
        }

        return this;
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"batches of {BatchRows} rows, {RowsPerSecond} rows/s");
}

/// <summary>Sources of generated digits.</summary>
public static class GlyphDigitsBuilderExtensions
{
    /// <summary>Plays digits of a set, each once, in the given order.</summary>
    /// <remarks> Shape: up to <c>BatchRows</c> rows of <see cref="GlyphDigits.Schema"/>. Units: gray values, 0 to 1. Emits: a batch when
    /// its last digit is due. Cost: O(rows × 784), no allocation. Source: specification of glyph-digits, ours. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="digits">The set; may be shared.</param>
    /// <param name="rows">The digits to play, as from <c>Partition</c>; default all.</param>
    /// <param name="options">Batch size and rate; null: defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row is not in the set, or an option is out of range.</exception>
    public static Flow<Batch> FromGlyphDigits(
        this PipelineBuilder builder, GlyphDigits digits, ImmutableArray<int> rows = default, GlyphDigitsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(digits);
        options = (options ?? new()).Checked();
        var played = rows.IsDefault ? [.. Enumerable.Range(0, digits.Count)] : rows;
        foreach (var row in played)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, digits.Count, nameof(rows));
        }

        return builder.From("glyph-digits", options,
            (GlyphDigitsOptions options, OperatorContext context) => new GlyphDigitsSource(digits, played, options, context),
            GlyphDigits.Schema, options.BatchRows);
    }
}

internal sealed class GlyphDigitsSource(
    GlyphDigits digits, ImmutableArray<int> played, GlyphDigitsOptions options, OperatorContext context) : Source<Batch>
{
    private readonly DateTimeOffset _runStart = context.Now;
    private int _next;

    public override DateTimeOffset? NextAt => _next == played.Length ? null
        : _runStart + TimeSpan.FromSeconds((_next + NextRows) / options.RowsPerSecond);

    private int NextRows => Math.Min(options.BatchRows, played.Length - _next);

    public override Batch Next()
    {
        var rows = played.AsSpan().Slice(_next, NextRows);
        _next += rows.Length;
        var batch = context.Pool.Rent(GlyphDigits.Schema, rows.Length);
        for (var p = 0; p < GlyphDigits.Pixels; p++)
        {
            var pixels = batch.Channels[p].Writable<float>();
            for (var row = 0; row < rows.Length; row++) { pixels[row] = digits.Features[(rows[row] * GlyphDigits.Pixels) + p]; }
        }

        var labels = batch.Columns[GlyphDigits.Pixels].Writable<int>();
        for (var row = 0; row < rows.Length; row++) { labels[row] = digits.Labels[rows[row]]; }
        return batch;
    }
}
