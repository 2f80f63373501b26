namespace Tool.Tests;

/// <summary>Joules that say where they come from.</summary>
public sealed class EnergyReadingTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_777_000_000);

    [Fact]
    public void The_counter_of_a_processor_is_followed_when_it_begins_anew()
    {
        var folder = Directory.CreateTempSubdirectory("rapl-").FullName;
        try
        {
            void Count(long value) => File.WriteAllText(Path.Combine(folder, "energy_uj"), $"{value}\n");
            File.WriteAllText(Path.Combine(folder, "max_energy_range_uj"), "10000000\n");
            Count(4_000_000);
            var counter = RaplCounter.TryOpen(folder)!;
            Assert.Equal(new(0, EnergyReading.Rapl), counter.Read());
            Count(9_000_000);
            Assert.Equal(5, counter.Read().Joules, 1e-9);
            Count(1_500_000);
            Assert.Equal(7.5, counter.Read().Joules, 1e-9);
            File.WriteAllText(Path.Combine(folder, "energy_uj"), "?");
            Assert.Equal(7.5, counter.Read().Joules, 1e-9);
        }
        finally { Directory.Delete(folder, recursive: true); }

        Assert.Null(RaplCounter.TryOpen(folder));
    }

    [Fact]
    public void A_power_holds_until_the_next_reading()
    {
        var file = PowerFile.Read(["1777000000,2", "1777000010,4.5", "1777000020.5,1", ""]);
        Assert.Equal(new(2 * 10, EnergyReading.PowerFile), file.Between(Start, Start.AddSeconds(10)));
        Assert.Equal((5 * 2) + (5 * 4.5), file.Between(Start.AddSeconds(5), Start.AddSeconds(15))!.Value.Joules, 1e-9);
        Assert.Equal((2 * 10) + (4.5 * 10.5) + 9.5, file.Between(Start, Start.AddSeconds(30))!.Value.Joules, 1e-6);
        Assert.Null(file.Between(Start.AddSeconds(-1), Start.AddSeconds(5)));
        Assert.Null(file.Between(Start.AddSeconds(21), Start.AddSeconds(25)));
        Assert.Null(PowerFile.Read([]).Between(Start, Start));
    }

    [Theory]
    [InlineData("1777000000 2"), InlineData("1777000000,-2"), InlineData("1777000000,NaN")]
    [InlineData("now,2"), InlineData("1776999999,2")]
    public void A_line_that_is_no_reading_is_refused_with_its_number(string line)
    {
        var e = Assert.Throws<FormatException>(() => PowerFile.Read(["1777000000,1", line]));
        Assert.StartsWith("power file, line 2: expected", e.Message, StringComparison.Ordinal);
    }
}
