namespace StreamLearn.Tables;

internal static class RateText
{
    private static readonly (double Seconds, string Unit)[] Units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];

    /// <summary>Returns <c>25 rows a second</c>, or <c>a row every 15 min</c>.</summary>
    internal static string Of(double rate) => rate >= 1 ? FormattableString.Invariant($"{rate:0.###} rows a second")
        : $"a row every {Period(1 / rate)}";

    internal static string Number(double rate) => rate >= 1 ? FormattableString.Invariant($"{rate:0.###}")
        : $"one every {Period(1 / rate)}";

    internal static string Period(double seconds)
    {
        var (unit, name) = Units.FirstOrDefault(u => seconds >= 0.9995 * u.Seconds, (1, "s"));
        return FormattableString.Invariant($"{seconds / unit:0.###} {name}");
    }
}
