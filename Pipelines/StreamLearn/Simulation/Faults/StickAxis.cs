namespace StreamLearn.Simulation;

/// <summary>Simulated sensor faults.</summary>
public static partial class FaultFlowExtensions
{
    /// <summary>Simulates a stuck channel, which repeats its value from a given time on.</summary>
    /// <remarks> Shape: unchanged. Units: unchanged. State: one value. Cost: O(rows); copies shared batches. Emits: one batch per batch.
    /// Drops: <c>schema</c>, batches without the channel, or without the column <c>time</c> if a time is given. Validity is unchanged.
    /// Source: stuck-at fault of Sharma, Golubchik, Govindan (2010). </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="channel">The float32 column.</param>
    /// <param name="from">Event time since the first row, 0 or more; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static Flow<Batch> StickAxis(this Flow<Batch> flow, string channel, TimeSpan from = default)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentException.ThrowIfNullOrEmpty(channel);
        ArgumentOutOfRangeException.ThrowIfLessThan(from, TimeSpan.Zero);
        return flow.Via($"stick {channel}", new StickAxisOptions(channel, from),
            static (StickAxisOptions options, OperatorContext context, IOutput<Batch> output) => new StickAxis(options, context, output));
    }
}

internal sealed record StickAxisOptions(string Channel, TimeSpan From) : IBlockOptions
{
    public int? MaxRows(int? input) => input;

    public string? State => "the value that sticks";

    public long StateBytes(Schema? input) => 16;

    public Schema Output(Schema input)
    {
        input.Require(Channel, ColumnType.Float32);
        if (From > TimeSpan.Zero) { input.Require(Schema.TimeColumn, ColumnType.Int64); }
        return input;
    }

    public override string ToString() => FormattableString.Invariant($"{Channel} from {From.TotalSeconds} s");
}

internal sealed class StickAxis(StickAxisOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private readonly long _nanoseconds = options.From.Ticks * 100;
    private long? _first;
    private float? _stuck;

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema))
        {
            context.Drop(batch, "schema");
            return;
        }

        var row = _stuck is null ? FirstStuck(batch) : 0;
        if (row < batch.Rows)
        {
            batch = batch.ToWritable();
            var values = batch[options.Channel].Writable<float>();
            _stuck ??= values[row];
            values[row..].Fill(_stuck.Value);
        }

        output.Emit(batch);
    }

    public string StateFormat => "stick-axis/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _first);
        var (hasStuck, stuck) = (s.Value(_stuck is not null), s.Value(_stuck ?? 0));
        _stuck = hasStuck ? stuck : null;
    }

    private bool Fits(Schema schema)
    {
        return Has(schema, options.Channel, ColumnType.Float32) && (_nanoseconds == 0 || Has(schema, Schema.TimeColumn, ColumnType.Int64));

        static bool Has(Schema schema, string name, ColumnType type) =>
            schema.IndexOf(name) is >= 0 and var i && schema.Fields[i].Type == type;
    }

    private int FirstStuck(Batch batch)
    {
        if (_nanoseconds == 0 || batch.Rows == 0) { return 0; }
        var times = batch[Schema.TimeColumn].Values<long>();
        _first ??= times[0];
        var row = 0;
        while (row < times.Length && times[row] - _first < _nanoseconds) { row++; }
        return row;
    }
}
