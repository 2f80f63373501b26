using System.Buffers;

namespace StreamLearn.Programs;

internal static class Quantity
{
    private static readonly (string Name, decimal Size)[] Durations =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    private static readonly (string Name, decimal Size)[] Sizes = [("B", 1), ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30)];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    internal const string DurationForm = "a duration such as 500ms, 2s, 10m or 1h";
    internal const string SizeForm = "a size such as 512B, 64KiB or 2MiB";
    internal const string RateForm = "a rate such as 4000/s";

    internal static string? Duration(string text, out TimeSpan value)
    {
        var wrong = Read(text, Durations, out var ticks);
        value = TimeSpan.FromTicks(ticks);
        return wrong;
    }

    internal static string? Size(string text, out long bytes) => Read(text, Sizes, out bytes);

    internal static string? Rate(string text, out double perSecond)
    {
        perSecond = 0;
        var number = text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text;
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || !double.IsFinite(value))
        {
            return "";
        }

        if (number.Length == text.Length) { return ": the unit is missing (/s)"; }
        perSecond = value;
        return null;
    }

    internal static string Text(TimeSpan value) => Text(value.Ticks, Durations);

    internal static string Text(long bytes) => Text(bytes, Sizes);

    internal static string RateText(double perSecond) =>
        $"{perSecond.ToString("0.###############", CultureInfo.InvariantCulture)}/s";

    /// <summary>Writes a value in the largest unit that needs no fraction.</summary>
    private static string Text(long value, (string Name, decimal Size)[] units)
    {
        if (value == 0) { return units == Sizes ? "0B" : "0s"; }
        var (name, size) = units.LastOrDefault(u => value % u.Size == 0, units[0]);
        return $"{(value / size).ToString(CultureInfo.InvariantCulture)}{name}";
    }

    private static string? Read(string text, (string Name, decimal Size)[] units, out long value)
    {
        value = 0;
        var digits = text.AsSpan().IndexOfAnyExcept(Digits);
        var number = digits < 0 ? text : text[..digits];
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)) { return ""; }
        var names = string.Join(", ", units.Select(u => u.Name));
        if (digits < 0) { return $": the unit is missing ({names})"; }
        var unit = text[digits..];
        var size = units.FirstOrDefault(u => u.Name == unit).Size;
        if (size == 0) { return $": the unit is none of {names}"; }
        if (amount > long.MaxValue / size) { return ": it is too large"; }
        if (decimal.Truncate(amount * size) != amount * size) { return ": it is finer than can be measured"; }
        value = (long)(amount * size);
        return null;
    }
}
