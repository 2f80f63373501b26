namespace Sensor.Tests;

public sealed class LeftOutWatchTests
{
    private readonly List<string> _said = [];

    [Fact]
    public void A_clock_that_is_set_back_after_a_day_is_said_and_so_is_its_end()
    {
        var watch = new LeftOutWatch(_said.Add);

        Look(watch, (86_400, 0));
        Look(watch, (86_500, 100));         // too few to tell
        Look(watch, (86_600, 200));
        Look(watch, (89_000, 2600));
        Look(watch, (90_200, 3600));        // 1,000 of these 1,200
        Look(watch, (90_500, 3600));

        Assert.Equal(
        [
            "at least half of the latest rows of pump-7 are dropped, most with reason 'backwards': their time is not after that of "
                + "an earlier row; status shows the count",
            "most rows of pump-7 are good again",
        ], _said);

        void Look(LeftOutWatch w, (long Rows, long LeftOut) at) =>
            w.Look([("pump-7", at.Rows, new() { ["range"] = Math.Min(at.LeftOut, 9), ["backwards"] = Math.Max(0, at.LeftOut - 9) })]);
    }

    [Fact]
    public void Devices_with_the_same_reason_are_said_in_a_line_and_those_with_few_such_rows_are_not()
    {
        var watch = new LeftOutWatch(_said.Add);

        watch.Look(
        [
            ("a", 200, new() { ["range"] = 100 }), ("b", 200, new() { ["range"] = 99 }), ("c", 400, new() { ["range"] = 400 }),
            ("d", 199, new() { ["stuck"] = 199 }), ("e", 300, new() { ["stuck"] = 200, ["range"] = 60 }), ("f", 1000, []),
        ]);

        Assert.Equal(
        [
            "at least half of the latest rows of a and of 1 more are dropped, most with reason 'range'; status shows the count",
            "at least half of the latest rows of e are dropped, most with reason 'stuck'; status shows the count",
        ], _said);
    }
}
