namespace StreamLearn.Models;

internal readonly ref struct RowBlockMemory
{
    internal Span<float> Between { get; init; }

    internal Span<float> Inside { get; init; }

    /// <summary>Batch statistics kept between stages. Because one layer finishes while the next one starts, they alternate with the
    /// following memory.</summary>
    internal Span<float> Looked { get; init; }

    internal Span<float> LookedNext { get; init; }

    internal Span<float> Rest { get; init; }

    internal static RowBlockMemory Of(Span<float> scratch, int between, int inside, int looked, int next) => new()
    {
        Between = scratch[..between],
        Inside = scratch.Slice(between, inside),
        Looked = scratch.Slice(between + inside, looked),
        LookedNext = scratch.Slice(between + inside + looked, next),
        Rest = scratch[(between + inside + looked + next)..],
    };

    internal static ReadOnlySpan<float> Rows(ReadOnlySpan<float> values, int size, int row, int rows) =>
        values.IsEmpty ? values : values.Slice(row * size, rows * size);

    internal static Span<float> Rows(Span<float> values, int size, int row, int rows) =>
        values.IsEmpty ? values : values.Slice(row * size, rows * size);
}
