using System.Collections.Immutable;

namespace StreamLearn.Programs;

/// <summary>The words for what parts the values of a line.</summary>
internal static class DelimiterWords
{
    /// <summary>Each word, and what it stands for.</summary>
    internal static readonly ImmutableArray<(string Word, char Delimiter)> All =
        [("comma", ','), ("semicolon", ';'), ("tab", '\t'), ("bar", '|'), ("space", ' ')];

    /// <summary>The word of a delimiter.</summary>
    internal static string Of(char delimiter) => All.FirstOrDefault(w => w.Delimiter == delimiter, All[0]).Word;

    /// <summary>A delimiter as an option: its word, or the character.</summary>
    internal static string Written(char delimiter) =>
        All.Any(w => w.Delimiter == delimiter) ? Of(delimiter) : OwnColumns.Quoted(delimiter.ToString());

    /// <summary>A message that names a property of the library, with the key of the configuration in its place.</summary>
    internal static string InKeys(string message) => All.Aggregate(message, static (text, w) =>
        text.Replace($"say Delimiter = '{w.Delimiter}'", $"say delimiter: {w.Word}", StringComparison.Ordinal));
}
