namespace StreamLearn.Programs;

/// <summary>Rejects lookalike characters and those by which programs count lines differently.</summary>
internal static class YamlText
{
    internal const int MaxBytes = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static string Read(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            var bytes = new byte[MaxBytes + 1];
            return Decode(file, bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException(new(file), $"expected a file that can be read, got: {e.Message}");
        }
    }

    internal static string Decode(string source, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes) { throw new ConfigurationException(new(source), "expected at most 1 MiB, got more"); }
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) { bytes = bytes[Encoding.UTF8.Preamble.Length..]; }
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            var before = Encoding.UTF8.GetString(bytes[..ValidBytes(bytes)]);
            throw new ConfigurationException(Place(source, before, before.Length), "expected UTF-8, got bytes that are not");
        }

        return Checked(source, Strict.GetString(bytes));
    }

    internal static string Checked(string source, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (Refusal(text, i) is { } refusal) { throw new ConfigurationException(Place(source, text, i), refusal); }
            if (char.IsHighSurrogate(text[i])) { i++; }
        }

        return text;
    }

    private static bool IsPrintable(char c) =>
        c is >= ' ' and not ((>= '\x7f' and < '\xa0') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff');

    private static string? Refusal(string text, int at) => text[at] switch
    {
        '\n' => null,
        '\r' when at + 1 < text.Length && text[at + 1] == '\n' => null,
        '\t' => "expected spaces, got a tab (in double quotes a tab is written \\t)",
        var c when char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) => null,
        var c when char.IsSurrogate(c) || !IsPrintable(c) => $"expected a printable character, got U+{(int)c:X4}",
        _ => null,
    };

    private static int ValidBytes(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done) { at += length; }
        return at;
    }

    private static ConfigOrigin Place(string source, string text, int at)
    {
        var before = text.AsSpan(0, at);
        return new(source, before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }
}
