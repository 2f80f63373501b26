namespace StreamLearn.Programs;

/// <summary>A login file: user name, and password on a second line. A single line is an MQTT user without password, or a NATS token. Errors
/// never contain the file's content, which is secret.</summary>
internal static class LoginFile
{
    private const int MaxBytes = 64 << 10;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Checks a login file. A missing file is accepted, since it is read at each connect.</summary>
    public static void Check(FileInfo? file)
    {
        try
        {
            if (file is null) { return; }
            if (Directory.Exists(file.FullName)) { throw Wrong(file, "a folder"); }
            if (File.Exists(file.FullName)) { Read(file); }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoginFileException($"cannot read the login file {file}: {e.Message}");
        }
    }

    public static IReadOnlyList<string> Read(FileInfo file)
    {
        if (new FileInfo(file.FullName).Length == 0) { throw Wrong(file, "an empty file"); }      // a pipe is empty, and would block
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[MaxBytes + 1];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length > MaxBytes ? throw Wrong(file, "more than 64 KiB") : LinesOf(bytes.AsSpan(0, length), out var fault)
            ?? throw Wrong(file, fault);
    }

    /// <summary>Reads the lines; null if there is no file yet.</summary>
    public static IReadOnlyList<string>? ReadIfThere(FileInfo? file) => file is not null && File.Exists(file.FullName) ? Read(file) : null;

    /// <summary>Ignores a UTF-8 byte order mark and trailing empty lines.</summary>
    private static string[]? LinesOf(ReadOnlySpan<byte> bytes, out string fault)
    {
        string text;
        try
        {
            text = Strict.GetString(bytes).TrimStart('\ufeff').Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
        }
        catch (DecoderFallbackException)
        {
            fault = "bytes that are not UTF-8";
            return null;
        }

        var lines = text.Split('\n');
        fault = text.Length == 0 ? "an empty file"
            : lines.Any(static l => l.Any(char.IsControl)) ? "control characters"
            : lines.Length > 2 ? FormattableString.Invariant($"{lines.Length} lines")
            : lines[0].Length == 0 ? "no user name in the first line" : "";
        return fault.Length == 0 ? lines : null;
    }

    private static LoginFileException Wrong(FileInfo file, string fault) =>
        new($"expected a user name and, in a second line, a password in the login file {file}, got {fault}");
}

internal sealed class LoginFileException(string message) : Exception(message);
