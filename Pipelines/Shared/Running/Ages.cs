using System.Globalization;

namespace StreamLearn.Programs;

internal static class Ages
{
    public static string Of(TimeSpan age) => age.TotalSeconds switch
    {
        < 1 => "just now",
        < 90 => Say(age.TotalSeconds, "s"),
        < 5400 => Say(age.TotalMinutes, "min"),
        < 129_600 => Say(age.TotalHours, "h"),
        _ => Say(age.TotalDays, "d"),
    };

    private static string Say(double count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(count)} {unit} ago");
}
