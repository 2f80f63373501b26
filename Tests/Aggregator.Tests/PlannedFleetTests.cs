using StreamLearn.Nodes;

namespace Aggregator.Tests;

public sealed class PlannedFleetTests
{
    private readonly FleetRecord _record = new(Rounds.Facts with { Layers = 9 });

    [Fact]
    public void A_plan_says_since_when_and_why_each_device_has_its_layers()
    {
        _record.Add(Plan(0, "b joined", Split("a", 3), Split("b", 9)));
        _record.Add(Plan(10, "link of b", Split("a", 3), Split("b", 4)));
        _record.Add(Plan(20, "round", Split("a", 3) with { Seconds = 7 }, Split("b", 4)));

        var plan = StatusAt(25).Plan!;

        Assert.Equal(["a 3 7 0 b joined", "b 4 2 10 link of b"],
            plan.Devices.Select(static d => $"{d.Name} {d.Layers} {d.Seconds} {(d.Since - Rounds.Start).TotalSeconds} {d.Why}"));
        Assert.Equal((Rounds.Start.AddSeconds(10), "link of b"), (plan.ChangedAt, plan.ChangedWhy));
    }

    [Fact]
    public void A_plan_stands_in_the_status_and_in_words_with_joules_where_watts_are_known()
    {
        Assert.False(Json().TryGetProperty("splits", out _));
        _record.Add(Plan(0, "a joined", Split("a", 3) with { Joules = 6, LocalJoules = 8 }, Split("b", 9) with { BitsPerSecond = 0 }));
        _record.Add(Rounds.Of(1, 0, ["a"]));

        var splits = Json().GetProperty("splits");

        Assert.Equal("""
            {"layers":9,"changedAt":"2026-01-01T12:00:00.000Z","changedWhy":"a joined","devices":[{"name":"a","layers":3,"seconds":2,
            "localSeconds":4,"modelledJoules":6,"modelledLocalJoules":8,"bitsPerSecond":1500000,"since":"2026-01-01T12:00:00.000Z",
            "why":"a joined"},{"name":"b","layers":9,"seconds":2,"localSeconds":4,"since":"2026-01-01T12:00:00.000Z","why":"a joined"}]}
            """.ReplaceLineEndings(""), splits.GetRawText());
        Assert.Contains("splits     3 to 9 of 9 layers on 2 devices; changed 5 s ago: a joined", StatusCommand.Text(Json()));
        Assert.Equal(
            [
                "layers on the devices; the plan predicts the seconds and joules of a round",
                "DEVICE                    LAYERS    MBIT/S     ROUND     ALONE    JOULES     ALONE  SINCE       WHY",
                "a                         3 of 9       1.5         2         4         6         8  5 s ago     a joined",
            ], DevicesShown.Text(Json(), "a"));
    }

    [Fact]
    public void Names_that_mean_harm_do_none_in_a_plan()
    {
        _record.Add(Plan(0, "\u001b[2J joined", [.. Rounds.Hostile.Where(static h => h.Length > 0).Select(static h => Split(h, 1))]));

        var lines = DevicesShown.Text(Json(), null).ToList();

        Assert.Equal(Rounds.Hostile.Length + 1, lines.Count);
        Assert.All(lines.Append(PlanShown.Line(Json())!), static l => Assert.DoesNotContain(l, char.IsControl));
        Assert.All(lines, static l => Assert.InRange(ShownText.WidthOf(l), 1, 124));
    }

    [Fact]
    public void A_plan_outlasts_a_restart_and_goes_with_the_last_device()
    {
        _record.Add(Plan(0, "a joined", Split("a", 3)));
        var (buffer, again) = (new StateBuffer(), new FleetRecord(Rounds.Facts with { Layers = 9 }));
        var writing = new StateStream(buffer);
        _record.State(ref writing);
        var reading = new StateStream(buffer.Written, new());
        again.State(ref reading);

        again.Add(Plan(60, "round", Split("a", 3)));
        Assert.Equal("a joined", again.At(new(), Rounds.Start).Plan!.Devices[0].Why);
        again.Add(Plan(70, "a left"));

        Assert.Empty(again.At(new(), Rounds.Start).Plan!.Devices);
        Assert.Null(PlanShown.Line(JsonDocument.Parse(StatusJson.Of(again.At(new(), Rounds.Start))).RootElement));
    }

    [Fact]
    public void A_split_that_nobody_plans_is_shown_as_fixed_until_its_device_leaves()
    {
        _record.AddSplit("b", 3, Rounds.Start);
        _record.Add(Plan(1, "a joined", Split("a", 9)));
        _record.AddSplit("b", 3, Rounds.Start.AddSeconds(2));
        _record.AddSplit("a", 9, Rounds.Start.AddSeconds(2));
        _record.Add(Plan(3, "round", Split("a", 4)));
        _record.Add(Rounds.Of(1, 0, ["a"]));

        var lines = DevicesShown.Text(Json(), "b").ToList();

        Assert.Equal(["a 4 3 round", "b 3 0 fixed"], StatusAt(4).Plan!.Devices
            .Select(static d => $"{d.Name} {d.Layers} {(d.Since - Rounds.Start).TotalSeconds} {d.Why}"));
        Assert.Equal("b                         3 of 9         -         -         -         -         -  5 s ago     fixed", lines[^1]);
        Assert.EndsWith("""{"name":"b","layers":3,"since":"2026-01-01T12:00:00.000Z","why":"fixed"}]}""",
            Json().GetProperty("splits").GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith("3 to 4 of 9 layers on 2 devices; changed 2 s ago: round", PlanShown.Line(Json()));
        _record.Add(Plan(4, "b joined", Split("a", 4), Split("b", 3)));
        Assert.Equal("b joined", StatusAt(5).Plan!.Devices[1].Why);         // the planner was heard of after its round
        _record.Add(Plan(4, "b left", Split("a", 4)));
        _record.AddSplit("b", 2, Rounds.Start);
        _record.AddLeave("b", 1, Rounds.Start);
        Assert.Equal("a", Assert.Single(StatusAt(5).Plan!.Devices).Name);
    }

    [Fact]
    public void A_device_that_gives_its_last_layers_away_no_longer_counts_as_one_that_answers()
    {
        _record.Add(new DeviceScore
        {
            Device = "a",
            Epoch = 1,
            ModelVersion = 1,
            Rows = 2,
            Loss = 1,
            NewestLoss = 1,
            Confusion = [1, 0, 0, 1],
            Newest = [1, 0, 0, 1],
        }, Rounds.Start);
        _record.AddSplit("a", 9, Rounds.Start);
        Assert.Equal(2, StatusAt(1).Own!.Windows);

        _record.AddSplit("a", 8, Rounds.Start);

        Assert.Null(StatusAt(2).Own);
        Assert.Null(Assert.Single(StatusAt(2).Devices).Own);
    }

    private static PlannedSplit Split(string device, int split) => new(device, split, 2, 4, 0, 0, 1_500_000, 1);

    private static PlannedSplits Plan(double seconds, string why, params PlannedSplit[] devices) =>
        new([.. devices], why, Changes: true, Rounds.Start.AddSeconds(seconds));

    private FleetStatus StatusAt(double seconds) => _record.At(Rounds.Counted(1), Rounds.Start.AddSeconds(seconds));

    private JsonElement Json() => JsonDocument.Parse(StatusJson.Of(StatusAt(5))).RootElement;
}
