using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Programs;

/// <summary>The words for how texts of a file are encoded.</summary>
internal static class EncodingWords
{
    /// <summary>Each word, and what it stands for.</summary>
    internal static readonly ImmutableArray<(string Word, Encoding Encoding)> All =
        [("utf-8", Encoding.UTF8), ("latin1", Encoding.Latin1), ("utf-16", Encoding.Unicode), ("utf-16-be", Encoding.BigEndianUnicode)];

    /// <summary>The words.</summary>
    internal static IEnumerable<string> Words => All.Select(static w => w.Word);

    /// <summary>The word of an encoding.</summary>
    internal static string Of(Encoding encoding) => All.First(w => w.Encoding.Equals(encoding)).Word;
}
