namespace StreamLearn.Nodes.Tests;

public sealed class DeviceGroupsTests
{
    [Fact]
    public void Groups_are_the_optimum_of_k_means()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new RandomStream(seed, "baselines");
            double[] values = [.. Enumerable.Range(0, 6).Select(_ => random.NextDouble(0, 10))];
            var found = Squares(values, DeviceGroups.Of(values).Centers);
            var best = double.PositiveInfinity;
            for (var code = 0; code < Math.Pow(3, values.Length); code++)
            {
                var digits = Enumerable.Range(0, values.Length).Select(i => code / (int)Math.Pow(3, i) % 3).ToArray();
                var means = Enumerable.Range(0, 3).Where(digits.Contains).Select(g => values.Where((_, i) => digits[i] == g).Average());
                best = Math.Min(best, Squares(values, means));
            }

            Assert.Equal(best, found, 1e-9);
        }
    }

    [Fact]
    public void The_devices_of_the_source_are_three_kinds_and_the_slowest_are_the_first_group()
    {
        var groups = DeviceGroups.Of([2.075, 3.943, .205, 3.943, 2.075]);
        Assert.Equal([3.943, 2.075, .205], groups.Centers);
        Assert.Equal([1, 0, 2], new[] { 2.075, 3.943, .205 }.Select(seconds => groups.GroupOf(seconds, 0)));
    }

    [Fact]
    public void A_new_device_joins_the_nearest_center()
    {
        var groups = DeviceGroups.Of([1, 1, 5, 9]);
        Assert.Equal((0, 1, 2), (groups.GroupOf(7.5, 1), groups.GroupOf(6.5, 1), groups.GroupOf(.1, 1)));
    }

    [Fact]
    public void Behind_a_slow_link_and_after_a_probe_that_failed_a_device_is_in_the_last_group()
    {
        var groups = DeviceGroups.Of([4, 2, .2], count: 3, slowBitsPerSecond: 5e6);
        Assert.Equal((2, 3), (groups.Centers.Length, groups.Count));
        Assert.Equal((2, 2, 0), (groups.GroupOf(4, 4.99e6), groups.GroupOf(4, 0), groups.GroupOf(4, 5e6)));
    }

    [Fact]
    public void Devices_that_are_all_alike_leave_groups_empty()
    {
        var groups = DeviceGroups.Of([2, 2, 2], count: 3);
        Assert.Equal((1, 3, 0), (groups.Centers.Length, groups.Count, groups.GroupOf(2, 1)));
        Assert.Equal(groups, DeviceGroups.Of([2, 2], count: 3));
    }

    [Fact]
    public void What_makes_no_groups_is_refused()
    {
        Assert.Throws<ArgumentException>(() => DeviceGroups.Of([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeviceGroups.Of([1], count: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeviceGroups.Of([1], count: 1, slowBitsPerSecond: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeviceGroups.Of([1], slowBitsPerSecond: -1));
    }

    private static double Squares(double[] values, IEnumerable<double> centers) =>
        values.Sum(value => centers.Min(center => (value - center) * (value - center)));
}
