namespace StreamLearn.Operators;

/// <summary>Adds blocks that compute features of windows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Reduces each window to a row with the mean and the deviation of every channel.</summary>
    /// <remarks> Shape: rows × channels in, 1 × 2·channels out: <c>x mean</c>, <c>x deviation</c> for each channel x, in order. Units: the
    /// channel's. Other columns: as with <c>Features</c>. Missing values are skipped; the deviation is the population's. State: none. Cost:
    /// O(rows × channels), in float64 and row order, no allocation. Emits: one row per window. Drops: <c>empty</c> windows, <c>schema</c>.
    /// Source: Chan, Golub, LeVeque (1983): Σ(x − x₀)² − (Σ(x − x₀))²/n over n, where x₀ is the first value. </remarks>
    public static Flow<Batch> MeanDeviation(this Flow<Batch> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("mean-deviation", new MeanDeviationOptions(),
            static (MeanDeviationOptions options, OperatorContext context, IOutput<Batch> output) =>
                new MeanDeviation(options, context, output));
    }
}

internal sealed record MeanDeviationOptions : IBlockOptions
{
    public Schema Output(Schema input)
    {
        if (input.Fields.All(f => f.Type != ColumnType.Float32))
        {
            throw new SchemaException($"expected at least one float32 channel, got {input}");
        }

        if (input.Fields.FirstOrDefault(f => f.Type == ColumnType.Float32 && f.Name.Length > 64 - " deviation".Length) is { } tooLong)
        {
            throw new SchemaException($"expected channel names of at most {64 - " deviation".Length} characters, got '{tooLong.Name}'");
        }

        return new(input.Fields.SelectMany(Output));
    }

    public override string ToString() => "";

    private static IEnumerable<Field> Output(Field field) => field.Type switch
    {
        ColumnType.Float32 => [field with { Name = field.Name + " mean" }, field with { Name = field.Name + " deviation" }],
        _ => WindowColumns.Pass(field) ? [WindowColumns.Output(field)] : [],
    };
}

internal sealed class MeanDeviation(MeanDeviationOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private Schema? _input;
    private Schema? _output;

    public override void Process(Batch batch)
    {
        if (_input is null && batch.Channels.Count > 0) { (_input, _output) = (batch.Schema, options.Output(batch.Schema)); }
        if (!batch.Schema.Equals(_input))
        {
            context.Drop(batch, "schema");
            return;
        }

        if (batch.Rows == 0)
        {
            context.Drop(batch, "empty");
            return;
        }

        var row = context.Pool.Rent(_output!, 1);
        var next = 0;
        for (var c = 0; c < batch.Columns.Count; c++)
        {
            var column = batch.Columns[c];
            switch (column.Field.Type)
            {
                case ColumnType.Float32:
                    Describe(column, row.Columns[next], row.Columns[next + 1]);
                    next += 2;
                    break;
                default:
                    if (WindowColumns.Pass(column.Field)) { WindowColumns.Copy(column, row.Columns[next++]); }
                    break;
            }
        }

        batch.Dispose();
        output.Emit(row);
    }

    private static void Describe(Column channel, Column mean, Column deviation)
    {
        var values = channel.Values<float>();
        var nullable = channel.Field.Nullable;
        var first = 0;
        while (nullable && first < values.Length && !channel.IsValid(first)) { first++; }
        var found = first < values.Length;
        if (nullable)
        {
            mean.SetValid(0, found);
            deviation.SetValid(0, found);
        }

        var origin = found ? values[first] : 0.0;
        var (count, sum, squares) = SumPresent(channel, origin);
        var n = Math.Max(count, 1);
        var variance = (squares - (sum * sum / n)) / n;
        mean.Writable<float>()[0] = (float)(origin + (sum / n));
        deviation.Writable<float>()[0] = variance <= 0 ? 0 : (float)Math.Sqrt(variance);
    }

    private static (int Count, double Sum, double Squares) SumPresent(Column channel, double origin)
    {
        var values = channel.Values<float>();
        var (count, sum, squares, isNullable) = (0, 0.0, 0.0, channel.Field.Nullable);
        for (var row = 0; row < values.Length; row++)
        {
            if (isNullable && !channel.IsValid(row)) { continue; }
            var shifted = values[row] - origin;
            count++;
            sum += shifted;
            squares += shifted * shifted;
        }

        return (count, sum, squares);
    }
}
