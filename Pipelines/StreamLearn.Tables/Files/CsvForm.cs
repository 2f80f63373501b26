using System.Text;

namespace StreamLearn.Tables;

internal sealed record CsvForm
{
    /// <summary>The delimiter; null to detect it from the first lines.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The encoding; null for UTF-8, or the encoding of the byte order mark.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Prefix of lines to skip; null: none.</summary>
    public char? Comment { get; init; }

    /// <summary>True if the file has a header; false if columns are named c0, c1, …</summary>
    public bool Header { get; init; } = true;

    /// <summary>True if whole numbers in the first line are names.</summary>
    public bool NumbersAreNames { get; init; }

    /// <summary>Strings and numbers that mean a missing value, in addition to the usual ones.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    public IEnumerable<string> Options
    {
        get
        {
            if (Delimiter is { } delimiter) { yield return $"--delimiter {DelimiterWords.Written(delimiter)}"; }
            if (Encoding is { } encoding) { yield return $"--encoding {EncodingWords.Of(encoding)}"; }
            if (Comment is { } comment) { yield return $"--comment {OwnColumns.Quoted(comment.ToString())}"; }
            if (!Header) { yield return "--no-header"; }
            if (NumbersAreNames) { yield return "--header"; }
            if (Missing.Length > 0) { yield return $"--missing {OwnColumns.Quoted(string.Join(',', Missing))}"; }
        }
    }
}
