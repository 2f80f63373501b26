namespace StreamLearn.Programs;

internal sealed record SecretFile(string Path, ConfigOrigin Origin)
{
    private const int MaxBytes = 64 << 10;

    /// <summary>Reads the secret: 1 byte to 64 KiB of UTF-8, without the last line end. Call it at each use, as the file may
    /// change.</summary>
    public string ReadText()
    {
        try
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var bytes = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes) { throw Wrong("at most 64 KiB, got more"); }
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            text = text.EndsWith('\n') ? text[..^1] : text;
            text = text.EndsWith('\r') ? text[..^1] : text;
            return text.Length > 0 ? text : throw Wrong("a secret, got an empty file");
        }
        catch (DecoderFallbackException)
        {
            throw Wrong("UTF-8, got bytes that are not");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Wrong($"a secret in a file, got: {e.Message}");
        }
    }

    private ConfigurationException Wrong(string text) => new(Origin, $"expected in {Path} {text}");
}
