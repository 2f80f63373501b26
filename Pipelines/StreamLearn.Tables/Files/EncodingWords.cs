using System.Text;

namespace StreamLearn.Tables;

internal static class EncodingWords
{
    internal static readonly ImmutableArray<(string Word, Encoding Encoding)> All =
    [
        ("utf-8", Encoding.UTF8), ("latin1", Encoding.Latin1), ("windows-1252", CodePagesEncodingProvider.Instance.GetEncoding(1252)!),
        ("utf-16", Encoding.Unicode), ("utf-16-be", Encoding.BigEndianUnicode),
    ];

    /// <summary>Other usual names, in small letters without hyphens.</summary>
    private static readonly Dictionary<string, string> Others = new()
    {
        ["utf8sig"] = "utf8",
        ["ascii"] = "utf8",
        ["usascii"] = "utf8",
        ["iso88591"] = "latin1",
        ["l1"] = "latin1",
        ["cp1252"] = "windows1252",
        ["1252"] = "windows1252",
        ["ansi"] = "windows1252",
        ["utf16le"] = "utf16",
        ["unicode"] = "utf16",
    };

    internal static IEnumerable<string> Words => All.Select(static w => w.Word);

    /// <summary>Says that no encoding has this name; null: one has.</summary>
    internal static string? Problem(string name) =>
        Find(name) is null ? $"expected one of {string.Join(", ", Words)}, or cp1252, iso-8859-1 and the like; got '{name}'" : null;

    /// <exception cref="InvalidOperationException">There is no such word.</exception>
    internal static Encoding Of(string word) => Find(word) ?? throw new InvalidOperationException(Problem(word));

    internal static string Of(Encoding encoding) => All.First(w => w.Encoding.Equals(encoding)).Word;

    private static Encoding? Find(string name) =>
        All.FirstOrDefault(w => Plain(w.Word) == Others.GetValueOrDefault(Plain(name), Plain(name))).Encoding;

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
