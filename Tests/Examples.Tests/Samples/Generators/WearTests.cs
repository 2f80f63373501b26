namespace Examples.Tests;

public sealed class WearTests
{
    [Fact]
    public void Strikes_and_heat_grow_until_the_machine_fails()
    {
        foreach (var machine in (int[])[1, 2, 3])
        {
            double[] hours = [200, 100, 50, 20, 0];
            var records = hours.Select(h => Wear.Record(machine, h, rows: 2000)).ToList();
            double[] strength = [.. records.Select(static r => Math.Sqrt(r.Vibration.Average(static v => (double)v * v)))];
            double[] heat = [.. records.Select(static r => r.Temperature.Average())];
            Assert.Equal(strength.Order(), strength);
            Assert.Equal(heat.Order(), heat);
            Assert.InRange(heat[^1] - heat[0], 35, 42);
        }
    }

    [Fact]
    public void The_same_arguments_give_the_same_bits_and_other_ones_do_not()
    {
        var one = Wear.Record(machine: 2, hoursLeft: 30, rows: 1000);
        Assert.Equal(one.Vibration, Wear.Record(2, 30, 1000).Vibration);
        Assert.NotEqual(one.Vibration, Wear.Record(3, 30, 1000).Vibration);
        Assert.NotEqual(one.Temperature, Wear.Record(2, 31, 1000).Temperature);
        Assert.Throws<ArgumentOutOfRangeException>("hoursLeft", static () => Wear.Record(2, double.NaN, 10));
        Assert.Throws<ArgumentOutOfRangeException>("rows", static () => Wear.Record(2, 1, 0));
    }
}
