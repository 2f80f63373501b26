using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Programs;

/// <summary>How somebody's files of values are written, as far as options say it.</summary>
internal sealed record CsvForm
{
    /// <summary>What separates values; null: the first lines say it.</summary>
    public char? Delimiter { get; init; }

    /// <summary>How texts are encoded; null: UTF-8, or what the file's first bytes say.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>What a line begins with that is passed over; null: nothing.</summary>
    public char? Comment { get; init; }

    /// <summary>False: no line names the columns, they are c0, c1, …</summary>
    public bool Header { get; init; } = true;

    /// <summary>Texts and numbers that stand for a missing value, beside the usual ones.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>The options that say the same.</summary>
    public IEnumerable<string> Options
    {
        get
        {
            if (Delimiter is { } delimiter) { yield return $"--delimiter {DelimiterWords.Written(delimiter)}"; }
            if (Encoding is { } encoding) { yield return $"--encoding {EncodingWords.Of(encoding)}"; }
            if (Comment is { } comment) { yield return $"--comment {OwnColumns.Quoted(comment.ToString())}"; }
            if (!Header) { yield return "--no-header"; }
            if (Missing.Length > 0) { yield return $"--missing {OwnColumns.Quoted(string.Join(',', Missing))}"; }
        }
    }
}
