using System.Collections.Immutable;

namespace StreamLearn.Formats;

internal sealed record PlanColumn(Field Field, int Depth, TimeUnit? Unit, ImmutableArray<byte[]> Classes)
{
    internal int Power { get; } = Unit?.Power() ?? 0;

    internal bool TakesTexts { get; init; }

    internal bool TakesNumbers => Unit != TimeUnit.Iso8601 && !IsClass;

    internal bool IsClass => Classes.Length > 0;
}

internal sealed class JsonPlan
{
    private const long MaxBatchBytes = 1L << 29;

    internal JsonPlan(JsonFormatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1);
        Options = options;
        List<(Field Field, string Path, TimeUnit? Unit)> columns = [.. options.Columns.Select(c => (c.Field, c.Path, (TimeUnit?)null))];
        if (options.Time is { } time) { columns.Insert(0, (Field.Time(), time.Path, time.Unit)); }
        Schema = new(columns.Select(c => c.Field));
        if ((long)options.MaxRows * Schema.RowBytes > MaxBatchBytes)
        {
            throw new ArgumentException($"expected at most {MaxBatchBytes} bytes, got {options.MaxRows} rows of {Schema}", nameof(options));
        }

        var nodes = 1;
        Columns = new PlanColumn[columns.Count];
        for (var c = 0; c < Columns.Length; c++)
        {
            var steps = JsonPath.Parse(columns[c].Path);
            var depth = steps.Count(s => s.IsEach);
            Columns[c] = new(columns[c].Field, depth, columns[c].Unit, ClassesOf(options, c - columns.Count + options.Columns.Count))
            {
                TakesTexts = options.NumbersInTexts && columns[c].Unit != TimeUnit.Iso8601,
            };
            if (!Root.TryAdd(steps, c, depth, ref nodes))
            {
                throw new ArgumentException(
                    $"column '{columns[c].Field.Name}': {columns[c].Path} does not fit the previous paths", nameof(options));
            }
        }

        Root.Freeze(Columns);
        Nodes = nodes;
        Check(options.Time);
    }

    internal JsonFormatOptions Options { get; }

    internal Schema Schema { get; }

    internal PlanColumn[] Columns { get; }

    internal PlanNode Root { get; } = new(0, 0);

    internal int Nodes { get; }

    internal bool IsOneRow => Root.Deepest == 0;

    private static ImmutableArray<byte[]> ClassesOf(JsonFormatOptions options, int column)
    {
        if (column < 0 || options.Columns[column] is not { Classes: { IsDefaultOrEmpty: false } texts } named) { return []; }
        if (named.Field.Type != ColumnType.Int32 || texts.Distinct(StringComparer.Ordinal).Count() < texts.Length)
        {
            throw new ArgumentException($"column '{named.Field.Name}': expected distinct strings and an int32, got {named.Field} and "
                + string.Join(", ", texts), nameof(options));
        }

        return [.. texts.Select(Encoding.UTF8.GetBytes)];
    }

    private void Check(JsonTime? time)
    {
        if (time is null) { return; }
        TimeUnits.Check(time.SamplesPerSecond);
        if (time.SamplesPerSecond > 0 && Columns[0].Depth > 0)
        {
            throw new ArgumentException($"expected a time path without a star with a sample rate, got {time.Path}", nameof(time));
        }
    }
}

internal sealed class JsonScratch(JsonPlan plan)
{
    internal int[] Counts { get; } = new int[plan.Columns.Length];

    /// <summary>For each column: whether its array was present in the current item.</summary>
    internal bool[] Met { get; } = new bool[plan.Columns.Length];

    /// <summary>For each node: the object that last had its key.</summary>
    internal long[] Seen { get; } = new long[plan.Nodes];

    /// <summary>Bits of numbers not yet written to columns.</summary>
    internal ulong[] RowNumbers { get; } = new ulong[4 * NumberRows.MaxWidth];

    /// <summary>Objects entered, over all payloads.</summary>
    internal long Objects { get; set; }
}
