using System.Text;

namespace StreamLearn.Tables;

internal static class EncodingWords
{
    internal static readonly ImmutableArray<(string Word, Encoding Encoding)> All =
        [("utf-8", Encoding.UTF8), ("latin1", Encoding.Latin1), ("utf-16", Encoding.Unicode), ("utf-16-be", Encoding.BigEndianUnicode)];

    internal static IEnumerable<string> Words => All.Select(static w => w.Word);

    /// <exception cref="InvalidOperationException">There is no such word.</exception>
    internal static Encoding Of(string word) => All.First(w => w.Word == word).Encoding;

    internal static string Of(Encoding encoding) => All.First(w => w.Encoding.Equals(encoding)).Word;
}
