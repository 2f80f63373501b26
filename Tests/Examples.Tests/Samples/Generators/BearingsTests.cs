namespace Examples.Tests;

public sealed class BearingsTests
{
    /// <summary>The spectrum of the envelope, without the hum, has its peak where a fault strikes: so engineers look for it.</summary>
    [Theory, InlineData(BearingFault.InnerRace, 5.4152)]
    [InlineData(BearingFault.OuterRace, 3.5848)]
    [InlineData(BearingFault.Ball, 4.7135)]
    public void A_fault_strikes_at_its_frequency(BearingFault fault, double strikesPerTurn)
    {
        foreach (var load in (int[])[0, 3])
        {
            var shaft = (load == 0 ? 1797 : 1730) / 60.0;
            var values = Bearings.Record(fault, load, machine: 7, rows: Bearings.RowsPerSecond);
            var strikes = values.Zip(values.Skip(1), values.Skip(2)).Select(static v => v.First - (2 * v.Second) + v.Third).ToArray();
            var peak = Enumerable.Range(60, 160).Select(static i => (double)i).MaxBy(f => Envelope(strikes, f));
            Assert.InRange(peak, 0.98 * strikesPerTurn * shaft, 1.02 * strikesPerTurn * shaft);
        }
    }

    [Fact]
    public void The_same_arguments_give_the_same_bits_and_other_ones_do_not()
    {
        var one = Bearings.Record(BearingFault.Ball, load: 1, machine: 2, rows: 1000);
        Assert.Equal(one, Bearings.Record(BearingFault.Ball, load: 1, machine: 2, rows: 1000));
        Assert.NotEqual(one, Bearings.Record(BearingFault.Ball, load: 2, machine: 2, rows: 1000));
        Assert.NotEqual(one, Bearings.Record(BearingFault.Ball, load: 1, machine: 3, rows: 1000));
        Assert.NotEqual(one, Bearings.Record(BearingFault.None, load: 1, machine: 2, rows: 1000));
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("load", static () => Bearings.Record(BearingFault.None, 4, 0, 10));
        Assert.Throws<ArgumentOutOfRangeException>("load", static () => Bearings.Record(BearingFault.None, -1, 0, 10));
        Assert.Throws<ArgumentOutOfRangeException>("rows", static () => Bearings.Record(BearingFault.None, 0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>("fault", static () => Bearings.Record((BearingFault)4, 0, 0, 10));
    }

    /// <summary>Power of the rectified signal at a frequency.</summary>
    private static double Envelope(ReadOnlySpan<float> values, double hertz)
    {
        var (re, im, mean) = (0.0, 0.0, 0.0);
        foreach (var v in values) { mean += Math.Abs(v) / values.Length; }
        for (var i = 0; i < values.Length; i++)
        {
            var (sine, cosine) = Math.SinCos(2 * Math.PI * hertz * i / Bearings.RowsPerSecond);
            (re, im) = (re + ((Math.Abs(values[i]) - mean) * cosine), im + ((Math.Abs(values[i]) - mean) * sine));
        }
        return (re * re) + (im * im);
    }
}
