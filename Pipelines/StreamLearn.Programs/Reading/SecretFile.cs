using System.Text;

namespace StreamLearn.Programs;

/// <summary>A secret that stands in a file of its own: the configuration has its path, never its text.</summary>
/// <param name="Path">The file, from the working directory unless it is a full path.</param>
/// <param name="Origin">Where the path is written.</param>
public sealed record SecretFile(string Path, ConfigOrigin Origin)
{
    private const int MaxBytes = 64 << 10;

    /// <summary>Reads the secret, of 1 byte to 64 KiB of UTF-8, without a line end after it. Call it when it is needed, and again after
    /// it may have changed.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, is empty or too long.</exception>
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
