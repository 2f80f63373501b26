namespace Sensor.Tests;

public sealed class RefusalWatchTests
{
    [Theory]
    [InlineData("updates-refused-norm", 1, "has refused an update of a as 'norm': it changes the model much more than")]
    [InlineData("updates-refused-non-finite", 3, "has refused an update of a as 'non-finite': it has an infinite value")]
    [InlineData("updates-refused-fenced", 1, "refuses the updates of a as 'fenced': a device of that name has started later")]
    [InlineData("updates-refused-no-samples", 10, "a learns nothing while all its rows have one class: 10 updates so far")]
    [InlineData("updates-refused-no-samples", 9, null)]
    [InlineData("updates-refused-stale", 99, null)]         // lateness is part of every fleet
    [InlineData("updates-refused-duplicate", 99, null)]
    public void A_reason_is_said_once_of_each_device_whose_own_fault_it_is(string counter, long count, string? expected)
    {
        List<string> said = [];
        var config = ConfigTree.Parse("sensor.yaml", SensorSample.Text).Read(SensorConfig.Read).Value;
        var watch = new RefusalWatch(config, new(static _ => { }),
            [("a", name => name == counter ? count : 0), ("b", static _ => 0)], said.Add);

        watch.Look();
        watch.Look();

        if (expected is null) { Assert.Empty(said); }
        else { Assert.Contains(expected, Assert.Single(said), StringComparison.Ordinal); }
    }

    [Fact]
    public void What_was_counted_before_a_start_is_not_said_again()
    {
        var (said, counters) = (new List<string>(), new Dictionary<string, long> { ["updates-renumbered"] = 5 });
        var config = ConfigTree.Parse("sensor.yaml", SensorSample.Text).Read(SensorConfig.Read).Value;
        var watch = new RefusalWatch(config, new(static _ => { }),
            [("a", RefusalWatch.Since(new Dictionary<string, long>(counters), name => counters.GetValueOrDefault(name)))], said.Add);
        watch.Look();
        Assert.Empty(said);

        counters["updates-renumbered"] = 7;
        watch.Look();

        Assert.StartsWith("2 updates of a reused numbers", Assert.Single(said), StringComparison.Ordinal);
    }
}
