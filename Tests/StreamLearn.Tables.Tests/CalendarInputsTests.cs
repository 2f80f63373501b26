namespace StreamLearn.Tables.Tests;

public sealed class CalendarInputsTests
{
    private const long Hour = 3_600_000_000_000;
    private static readonly long Saturday = new DateTimeOffset(2024, 1, 6, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() * 1_000_000_000;

    [Fact]
    public void The_hour_and_the_day_are_those_of_the_time_that_is_forecast()
    {
        var inputs = new CalendarInputs(TimeSpan.FromHours(2), OfWeek: true);
        Assert.Equal([(9, 1f), (24 + 4, 1f)], Written(inputs, Saturday - (17 * Hour)));            // 9 o'clock on a Friday
        Assert.Equal([(0, 1f), (24 + 5, 1f), (31, 1f)], Written(inputs, Saturday - (2 * Hour)));
        Assert.Equal([(0, 0.25f), (23, 0.75f), (24 + 6, 1f), (31, 0.25f), (31 + 23, 0.75f)],
            Written(inputs, Saturday + (45 * Hour) + (Hour / 4)));
        Assert.Equal([(9, 1f), (24 + 4, 1f)], Written(inputs, Saturday - (17 * Hour) - (52 * 100 * 168 * Hour)));      // in 1924
        Assert.Equal([(9, 1f)], Written(inputs with { OfWeek = false }, Saturday + (7 * Hour)));
    }

    [Fact]
    public void Dates_of_three_days_have_hours_and_of_three_weeks_days()
    {
        var ahead = TimeSpan.FromHours(1);
        Assert.Null(CalendarInputs.Of([], ahead, areWritten: false));
        Assert.Null(CalendarInputs.Of([(Saturday, Saturday + (71 * Hour))], ahead, areWritten: false));
        Assert.Null(CalendarInputs.Of([(0, 1000 * Hour)], ahead, areWritten: false));               // hours since a start
        Assert.Equal(new(ahead, OfWeek: true) { AreWritten = true },
            CalendarInputs.Of([(-1000 * Hour, 0)], ahead, areWritten: true));                       // in 1969
        Assert.Equal(new(ahead, OfWeek: false),
            CalendarInputs.Of([(Saturday, Saturday), (Saturday, Saturday + (72 * Hour))], ahead, areWritten: false));
        Assert.Equal(new(ahead, OfWeek: true), CalendarInputs.Of([(Saturday, Saturday + (504 * Hour))], ahead, areWritten: false));
    }

    private static List<(int At, float Value)> Written(CalendarInputs inputs, long time)
    {
        var to = new float[inputs.Channels(16) * 16];
        to.AsSpan().Fill(float.NaN);
        inputs.Write(time, to);
        return [.. to.Index().Where(static v => v.Item != 0)];
    }
}
