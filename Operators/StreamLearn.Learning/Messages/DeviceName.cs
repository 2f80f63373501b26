using System.Text;

namespace StreamLearn.Learning;

/// <summary>What the name of a device must be, so that every message can carry it.</summary>
internal static class DeviceName
{
    internal const int MaxBytes = 256;

    /// <summary>The name, if messages can carry it.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    internal static string Checked(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        return Encoding.UTF8.GetByteCount(name) <= MaxBytes
            ? name
            : throw new ArgumentException($"expected a device of at most {MaxBytes} bytes, got '{name}'", parameter);
    }
}
