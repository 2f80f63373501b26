namespace StreamLearn.Models;

/// <summary>The scratch memory of a call, shared out among the stages of <see cref="RowBlocks"/>.</summary>
internal readonly ref struct RowBlockMemory
{
    /// <summary>Boundaries between stages.</summary>
    internal Span<float> Between { get; init; }

    /// <summary>Boundaries inside a stage.</summary>
    internal Span<float> Inside { get; init; }

    /// <summary>
    /// What a layer that looks first knows from one stage to the next. The stage in which it gives its results is the one in which
    /// the next such layer looks: they take turns with the memory after this one.
    /// </summary>
    internal Span<float> Looked { get; init; }

    internal Span<float> LookedNext { get; init; }

    internal Span<float> Rest { get; init; }

    /// <summary>Cuts scratch memory into parts of these lengths; the rest is what a layer asks for.</summary>
    internal static RowBlockMemory Of(Span<float> scratch, int between, int inside, int looked, int next) => new()
    {
        Between = scratch[..between],
        Inside = scratch.Slice(between, inside),
        Looked = scratch.Slice(between + inside, looked),
        LookedNext = scratch.Slice(between + inside + looked, next),
        Rest = scratch[(between + inside + looked + next)..],
    };

    /// <summary>Some rows of values; none if there are no values.</summary>
    internal static ReadOnlySpan<float> Rows(ReadOnlySpan<float> values, int size, int row, int rows) =>
        values.IsEmpty ? values : values.Slice(row * size, rows * size);

    /// <summary>Some rows of values; none if there are no values.</summary>
    internal static Span<float> Rows(Span<float> values, int size, int row, int rows) =>
        values.IsEmpty ? values : values.Slice(row * size, rows * size);
}
