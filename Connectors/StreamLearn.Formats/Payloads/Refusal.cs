namespace StreamLearn.Formats;

/// <summary>The reason for which a payload was refused, and the position. It needs no allocation.</summary>
/// <param name="Reason">The reason; none if the payload was read.</param>
/// <param name="Position">The byte position in the payload, from 0.</param>
/// <param name="Column">The column, or null.</param>
public readonly record struct Refusal(RefusalReason Reason, long Position, string? Column)
{
    /// <summary>Returns for example <c>wrong type at byte 17, column 'ax'</c>.</summary>
    public override string ToString()
    {
        var reason = Reason switch
        {
            RefusalReason.None => "not refused",
            RefusalReason.BadJson => "bad JSON",
            RefusalReason.MissingPath => "missing path",
            RefusalReason.MissingValue => "missing value",
            RefusalReason.WrongType => "wrong type",
            RefusalReason.NotFinite => "not finite",
            RefusalReason.BadTime => "bad time",
            RefusalReason.UnequalLengths => "unequal lengths",
            RefusalReason.TooManyRows => "too many rows",
            RefusalReason.DuplicateKey => "duplicate key",
            RefusalReason.UnknownClass => "unknown class",
            RefusalReason.BadCsv => "bad CSV",
            _ => "wrong length",
        };

        if (Reason == RefusalReason.None) { return reason; }
        return Column is null ? $"{reason} at byte {Position}" : $"{reason} at byte {Position}, column '{Column}'";
    }
}
