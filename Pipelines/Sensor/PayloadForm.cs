using StreamLearn.Formats;

namespace Sensor;

/// <summary>How bytes become rows.</summary>
internal abstract record PayloadForm
{
    /// <summary>JSON, by the paths of the columns. <paramref name="NumbersInTexts"/>: a text may hold a number.</summary>
    internal sealed record Json(bool NumbersInTexts) : PayloadForm;

    /// <summary>Lines of comma-separated values. <paramref name="Form"/>: how they are written.</summary>
    internal sealed record Csv(CsvOptions Form) : PayloadForm;

    /// <summary>Arrow IPC: a stream with its schema in each message, of one batch.</summary>
    internal sealed record Arrow : PayloadForm;

    /// <summary>Little-endian numbers, row by row, in the order of the channels.</summary>
    internal sealed record Raw(RawNumber Number) : PayloadForm;
}
