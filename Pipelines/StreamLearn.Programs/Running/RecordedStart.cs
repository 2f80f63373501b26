namespace StreamLearn.Programs;

/// <summary>The first line of a recording: what its pipelines are made from. <paramref name="Source"/>: the configuration's file, for
/// relative paths. <paramref name="Epoch"/>: that of its devices or versions. <paramref name="Own"/>: further words of the
/// program.</summary>
internal sealed record RecordedStart(
    string Program, string Source, string Configuration, long Epoch, bool HasLedger, ImmutableArray<string> Own)
{
    internal string Line => string.Join(' ', [Begin(Program), Epoch.ToString(CultureInfo.InvariantCulture), HasLedger ? "1" : "0", .. Own,
        Word(Source), Word(Configuration)]);

    /// <summary>Null: it is no recording of this program.</summary>
    internal static RecordedStart? TryRead(string? line, string program)
    {
        var begin = $"{Begin(program)} ";
        if (line is null || !line.StartsWith(begin, StringComparison.Ordinal)
            || line[begin.Length..].Split(' ') is not [var epoch, ("0" or "1") and var ledger, .. var own, var source, var configuration]
            || !long.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || TextOf(source) is not { } file || TextOf(configuration) is not { } text)
        {
            return null;
        }

        return new(program, file, text, number, ledger == "1", [.. own]);
    }

    internal static string Word(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>Null: it is no such word.</summary>
    internal static string? TextOf(string word)
    {
        var bytes = new byte[word.Length];
        return Convert.TryFromBase64String(word, bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }

    private static string Begin(string program) => $"streamlearn-{program}-start 1";
}
