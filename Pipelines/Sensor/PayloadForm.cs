namespace Sensor;

internal abstract record PayloadForm
{
    /// <summary><paramref name="NumbersInTexts"/>: true if strings may hold numbers.</summary>
    internal sealed record Json(bool NumbersInTexts) : PayloadForm;

    internal sealed record Csv(CsvOptions Form) : PayloadForm;

    /// <summary>An Arrow IPC stream with a schema and one batch in each message.</summary>
    internal sealed record Arrow : PayloadForm;

    /// <summary>Little-endian numbers, row by row, in channel order.</summary>
    internal sealed record Raw(RawNumber Number) : PayloadForm;
}
