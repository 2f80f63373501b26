using System.Globalization;

namespace StreamLearn.Simulation;

internal static class RecordedWord
{
    internal static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ReplayException($"expected a number, got '{text}'");

    internal static int Index(string text) =>
        Number(text) is >= 0 and <= int.MaxValue and var index ? (int)index : throw new ReplayException($"expected an index, got '{text}'");

    internal static CallKind Kind(string text) =>
        Index(text) is <= (int)CallKind.Complete and var kind ? (CallKind)kind
            : throw new ReplayException($"expected a kind of call, got '{text}'");

    internal static DateTimeOffset Time(string text) =>
        Number(text) is >= 0 and var ticks && ticks <= DateTimeOffset.MaxValue.Ticks ? new(ticks, TimeSpan.Zero)
            : throw new ReplayException($"expected a time, got '{text}'");
}
