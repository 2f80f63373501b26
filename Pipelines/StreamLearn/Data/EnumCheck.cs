using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>Refuses numbers that are not a value of an enumeration.</summary>
internal static class EnumCheck
{
    internal static void ThrowIfUndefined<T>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : struct, Enum
    {
        if (Enum.IsDefined(value)) { return; }
        throw new ArgumentOutOfRangeException(name, value, $"expected one of {string.Join(", ", Enum.GetNames<T>())}");
    }
}
