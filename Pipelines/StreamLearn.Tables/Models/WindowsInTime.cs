namespace StreamLearn.Tables;

internal static class WindowsInTimeExtensions
{
    /// <summary>If the rate is known, drops windows as <c>window-time</c> whose duration does not match their rows.
    /// <paramref name="dropped"/>: called with each.</summary>
    internal static Flow<Batch> InTime(this Flow<Batch> windows, Preparation preparation, Action<Batch>? dropped = null) =>
        preparation.RowsPerSecond is not { } rate || preparation.WindowRows == 1 || double.IsPositiveInfinity(preparation.SpanTolerance)
        ? windows
        : windows.Via("in time", new WindowsInTimeOptions(rate, preparation.SpanTolerance) { Preparation = preparation, Dropped = dropped },
        static (WindowsInTimeOptions options, OperatorContext context, IOutput<Batch> output) =>
            new WindowsInTime(options, context, output));
}

internal sealed record WindowsInTimeOptions(double RowsPerSecond, double Tolerance) : IBlockOptions
{
    internal required Preparation Preparation { get; init; }

    internal Action<Batch>? Dropped { get; init; }

    public int? MaxRows(int? input) => input;

    public bool Equals(WindowsInTimeOptions? other) =>
        other is not null && (RowsPerSecond, Tolerance) == (other.RowsPerSecond, other.Tolerance);

    public override int GetHashCode() => HashCode.Combine(RowsPerSecond, Tolerance);

    public override string ToString() =>
        FormattableString.Invariant($"{RowsPerSecond:0.###} rows a second, to within {Tolerance:0.##} of its time");
}

internal sealed class WindowsInTime(WindowsInTimeOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    public override void Process(Batch input)
    {
        var times = input[Schema.TimeColumn].Values<long>();
        if (times.Length > 1 && options.Preparation.IsInTime((times[^1] - times[0]) / 1e9))
        {
            output.Emit(input);
            return;
        }

        options.Dropped?.Invoke(input);
        context.Drop(input, "window-time");
    }
}
