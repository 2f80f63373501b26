namespace StreamLearn.Formats;

internal sealed class RawLayout
{
    private const int StampBytes = sizeof(long);
    private const long MaxBatchBytes = 1L << 29;

    private readonly int _width;

    internal RawLayout(RawFormatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(options.Columns.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Rows, options.MaxRows);
        foreach (var column in options.Columns)
        {
            if (column.Scale == 0 || !double.IsFinite(column.Scale) || !double.IsFinite(column.Offset))
            {
                throw new ArgumentException(
                    $"column '{column.Field.Name}': expected a finite scale other than 0 and a finite offset", nameof(options));
            }
        }

        if (options.SamplesPerSecond is { } rate) { TimeUnits.Check(rate); }
        if (options.Stamp == TimeUnit.Iso8601)
        {
            throw new ArgumentException("expected a number as a timestamp, got a string", nameof(options));
        }

        if (options is { Stamp: not null, SamplesPerSecond: null })
        {
            throw new ArgumentException("expected a value of SamplesPerSecond, which Stamp requires, got none", nameof(options));
        }

        Options = options;
        FirstColumn = options.HasTime ? 1 : 0;
        var fields = options.Columns.Select(c => c.Field);
        Schema = new(FirstColumn == 1 ? fields.Prepend(Field.Time()) : fields);
        if ((long)options.MaxRows * Schema.RowBytes > MaxBatchBytes)
        {
            throw new ArgumentException($"expected at most {MaxBatchBytes} bytes, got {options.MaxRows} rows of {Schema}", nameof(options));
        }

        _width = options.Number switch { RawNumber.Int16 => 2, RawNumber.Float64 => 8, _ => 4 };
        Stride = options.IsPlanar ? _width : _width * options.Columns.Count;
        HasStamp = options.Stamp is not null;
        StampScale = HasStamp ? (long)PowersOfTen.Whole[options.Stamp!.Value.Power()] : 1;
        HeadBytes = HasStamp ? StampBytes : 0;
    }

    internal RawFormatOptions Options { get; }

    internal Schema Schema { get; }

    internal int FirstColumn { get; }

    /// <summary>Bytes between the numbers of a column.</summary>
    internal int Stride { get; }

    internal bool HasStamp { get; }

    /// <summary>Nanoseconds per unit of the stamp.</summary>
    internal long StampScale { get; }

    internal int HeadBytes { get; }

    internal long BytesOf(int rows) => HeadBytes + ((long)rows * _width * Options.Columns.Count);

    internal int Start(int column, int rows) => Options.IsPlanar ? column * rows * _width : rows == 0 ? 0 : column * _width;

    internal bool TryRows(long bytes, out int rows, out Refusal refusal)
    {
        (rows, refusal) = (0, default);
        var row = _width * Options.Columns.Count;
        var (wide, rest) = Math.DivRem(bytes - HeadBytes, row);
        var reason = bytes < HeadBytes || rest != 0 || (Options.Rows > 0 && wide != Options.Rows) ? RefusalReason.WrongLength
            : wide > Options.MaxRows ? RefusalReason.TooManyRows : RefusalReason.None;
        if (reason == RefusalReason.None)
        {
            rows = (int)wide;
            return true;
        }

        refusal = new(reason, bytes, null);
        return false;
    }
}
