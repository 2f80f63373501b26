using System.Text;

namespace StreamLearn.Models;

/// <summary>Limits the length of device names, so that every message can carry them.</summary>
public static class DeviceName
{
    /// <summary>Maximum number of UTF-8 bytes in a name.</summary>
    public const int MaxBytes = 256;

    /// <summary>Truncates a name to a valid length.</summary>
    public static string Cut(string text)
    {
        if (text.Length == 0) { return "?"; }
        if (Encoding.UTF8.GetByteCount(text) <= MaxBytes) { return text; }
        var cut = text[..Math.Min(text.Length, MaxBytes / 4)];      // a character has at most four bytes
        return char.IsHighSurrogate(cut[^1]) ? cut[..^1] : cut;
    }

    /// <summary>Returns the name if messages can carry it.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public static string Checked(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        return Encoding.UTF8.GetByteCount(name) <= MaxBytes
            ? name
            : throw new ArgumentException($"expected a device of at most {MaxBytes} bytes, got '{name}'", parameter);
    }
}
