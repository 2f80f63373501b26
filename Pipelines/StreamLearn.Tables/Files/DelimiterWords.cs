namespace StreamLearn.Tables;

internal static class DelimiterWords
{
    internal static readonly ImmutableArray<(string Word, char Delimiter)> All =
        [("comma", ','), ("semicolon", ';'), ("tab", '\t'), ("bar", '|'), ("space", ' ')];

    internal static string Of(char delimiter) => All.FirstOrDefault(w => w.Delimiter == delimiter, All[0]).Word;

    /// <summary>Returns the delimiter as an option value: its word, or the character.</summary>
    internal static string Written(char delimiter) =>
        All.Any(w => w.Delimiter == delimiter) ? Of(delimiter) : OwnColumns.Quoted(delimiter.ToString());

    /// <summary>Replaces property names of the library in a message with configuration keys.</summary>
    internal static string InKeys(string message) => All.Aggregate(message, static (text, w) =>
        text.Replace($"set Delimiter = '{w.Delimiter}'", $"set delimiter: {w.Word}", StringComparison.Ordinal));
}
