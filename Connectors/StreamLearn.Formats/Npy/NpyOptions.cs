namespace StreamLearn.Formats;

/// <summary>Settings of <c>FromNpy</c>.</summary>
public sealed record NpyOptions
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Names and units of the columns; the types are those of the file. Empty (default): <c>c0</c>, <c>c1</c>, … without
    /// units.</summary>
    public IReadOnlyList<Field> Columns { get; init; } = [];

    /// <summary>Rows per batch, 1 to 65,536; default 1,024. The last can be shorter.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>Rows per second, above 0; adds a first column <c>time</c> from <see cref="Start"/>. Null (default): none.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>The event time of the first row with <see cref="SamplesPerSecond"/>; default 1970-01-01T00:00Z.</summary>
    public DateTimeOffset Start { get; init; } = DateTimeOffset.UnixEpoch;

    internal double Interval => NanosecondsPerSecond / (SamplesPerSecond ?? 1);

    internal Schema Schema(NpyHead head, string path)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65536);
        if (SamplesPerSecond is { } rate && !(double.IsFinite(rate) && rate > 0))
        {
            throw new ArgumentException($"expected a sample rate above 0, got {rate}");
        }

        if (Columns.Count > 0 && Columns.Count != head.Columns)
        {
            throw new ArgumentException($"{path}: expected {head.Columns} columns, as in the file, got {Columns.Count}");
        }

        if (Columns.FirstOrDefault(f => f.Type != head.Type || f.Nullable) is { } wrong)
        {
            throw new ArgumentException($"{path}: expected {head.Type} columns without missing values, got {wrong}");
        }

        var fields = Columns.Count > 0 ? Columns : Enumerable.Range(0, head.Columns).Select(c => new Field($"c{c}", head.Type, Unit.One));
        return new(SamplesPerSecond is null ? fields : fields.Prepend(Field.Time()));
    }
}
