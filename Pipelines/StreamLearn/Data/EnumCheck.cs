using System.Runtime.CompilerServices;

namespace StreamLearn;

internal static class EnumCheck
{
    internal static void ThrowIfUndefined<T>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : struct, Enum
    {
        if (Enum.IsDefined(value)) { return; }
        throw new ArgumentOutOfRangeException(name, value, $"expected one of {string.Join(", ", Enum.GetNames<T>())}");
    }
}
