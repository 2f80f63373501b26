using StreamLearn;

namespace Sensor;

/// <summary>Gives rows without a time of their own that of their arrival.</summary>
internal static class StampArrivalExtensions
{
    /// <summary>Puts the column <c>time</c> before all others.</summary>
    /// <param name="flow">Rows without a time.</param>
    /// <param name="rate">Rows a second, by which those of one message are apart; null: a nanosecond.</param>
    internal static Flow<Batch> StampArrival(this Flow<Batch> flow, double? rate) => flow.Via("arrival", new StampArrivalOptions(rate),
        static (StampArrivalOptions options, OperatorContext context, IOutput<Batch> output) => new StampArrival(options, context, output));
}

/// <summary>How far rows of a message are apart.</summary>
internal sealed record StampArrivalOptions(double? Rate) : IBlockOptions
{
    /// <inheritdoc />
    public Schema Output(Schema input) => new([Field.Time(), .. input.Fields]);

    /// <inheritdoc />
    public int? MaxRows(int? input) => input;

    /// <inheritdoc />
    public override string ToString() => Rate is { } rate ? FormattableString.Invariant($"{rate} rows a second") : "";
}

/// <summary>The last row of a batch has the time at which it came. Rows that come in a burst, faster than their rate, are at least a
/// nanosecond apart: their times rise.</summary>
internal sealed class StampArrival(StampArrivalOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private long _last = long.MinValue;     // not saved: the clock of the next start is later

    public override void Process(Batch input)
    {
        using (input)
        {
            var stamped = context.Pool.Rent(options.Output(input.Schema), input.Rows);
            var now = (context.Now - DateTimeOffset.UnixEpoch).Ticks * 100;
            var step = options.Rate is { } rate ? (long)(1e9 / rate) : 1;
            var times = stamped.Columns[0].Writable<long>();
            for (var row = 0; row < input.Rows; row++)
            {
                times[row] = _last = Math.Max(now - ((input.Rows - 1 - row) * step), _last + 1);
            }

            for (var c = 0; c < input.Columns.Count; c++) { stamped.Columns[c + 1].CopyFrom(0, input.Columns[c], 0, input.Rows); }
            output.Emit(stamped);
        }
    }
}
