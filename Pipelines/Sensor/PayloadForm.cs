namespace Sensor;

internal abstract record PayloadForm
{
    /// <summary><paramref name="NumbersInTexts"/>: strings may hold numbers.</summary>
    internal sealed record Json(bool NumbersInTexts) : PayloadForm;

    internal sealed record Csv(CsvOptions Form) : PayloadForm;

    /// <summary>An Arrow IPC stream with schema in each message, of one batch.</summary>
    internal sealed record Arrow : PayloadForm;

    /// <summary>Little-endian numbers, row by row, in channel order.</summary>
    internal sealed record Raw(RawNumber Number) : PayloadForm;
}
