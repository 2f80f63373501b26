using static System.FormattableString;

namespace StreamLearn.Simulated;

internal static class Figures
{
    internal const string None = "–";

    internal static string Percent(double? share) => share is { } s && double.IsFinite(s) ? Invariant($"{s * 100:0.0}\u00a0%") : None;

    /// <summary>0.8 → 80 %, for round shares.</summary>
    internal static string RoundPercent(double share) => double.IsFinite(share) ? Invariant($"{share * 100:0.##}\u00a0%") : None;

    /// <summary>−0.004 → −0.4 points.</summary>
    internal static string Points(double difference) =>
        double.IsFinite(difference) ? Invariant($"{difference * 100:+0.0;−0.0;0.0}\u00a0points") : None;

    internal static string Count(long count) => Invariant($"{count:N0}");

    internal static string Count(long count, string noun) => Invariant($"{count:N0}\u00a0{noun}{(count == 1 ? "" : "s")}");

    internal static string Number(double? value, string format = "0.###") =>
        value is { } v && double.IsFinite(v) ? v.ToString(format, System.Globalization.CultureInfo.InvariantCulture) : None;

    /// <summary>28.04 → 28 s; 2.51 → 2.5 s; 0.034 → 0.034 s.</summary>
    internal static string Seconds(double? seconds) => seconds is not { } s || !double.IsFinite(s) ? None
        : s >= 10 ? Invariant($"{s:N0}\u00a0s")
        : s >= 1 ? Invariant($"{s:0.#}\u00a0s")
        : Invariant($"{s:0.###}\u00a0s");

    internal static string Ratio(double ratio) => double.IsFinite(ratio) ? Invariant($"{ratio:0.0}") : None;

    internal static string Bytes(double bytes) => !double.IsFinite(bytes) ? None
        : bytes < 1024 ? Invariant($"{bytes:0}\u00a0B")
        : bytes < 1024 * 1024 ? Invariant($"{bytes / 1024:N1}\u00a0KiB")
        : Invariant($"{bytes / 1024 / 1024:N1}\u00a0MiB");

    /// <summary>Shows a dash for a link without simulation.</summary>
    internal static string BitRate(double bits) => !(bits > 0) ? None
        : bits >= 1e6 ? Invariant($"{bits / 1e6:0.##}\u00a0Mbit/s")
        : bits >= 1e3 ? Invariant($"{bits / 1e3:0.##}\u00a0kbit/s")
        : Invariant($"{bits:0.##}\u00a0bit/s");

    internal static string Nanoseconds(double? nanoseconds) => nanoseconds is not { } n || !double.IsFinite(n) ? None
        : n >= 1e6 ? Invariant($"{n / 1e6:0.##}\u00a0ms")
        : n >= 1e3 ? Invariant($"{n / 1e3:0.#}\u00a0µs")
        : Invariant($"{n:0}\u00a0ns");

    internal static string Short(string text, int letters) =>
        text.Length <= letters ? text : string.Concat(text.AsSpan(0, letters - 1), "…");

    internal static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    internal static string Listed(IReadOnlyList<string> words) => words.Count switch
    {
        0 => "",
        1 => words[0],
        _ => $"{string.Join(", ", words.Take(words.Count - 1))} and {words[^1]}",
    };

    internal static T Percentile<T>(IReadOnlyList<T> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}
