using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>What would let a model cheat: second labels, levels that rise all along, devices that are copies of others.</summary>
public sealed class LeakTests : IDisposable
{
    private const int Rows = 600;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Beside a sensor whose values also tell the class, but vary.</summary>
    [Theory]
    [InlineData(0, 0.25, 1)]
    [InlineData(0.001, 1.5, 1)]
    [InlineData(0.001, 2e6, -3e6)]
    public void A_number_with_one_value_for_each_class_is_a_second_label_and_a_sensor_is_not(double noise, double step, double from)
    {
        Write(3, "code,sensor", (d, r) => [from + (step * (Class(r) + (noise * Noise(d, r, 1)))), (10 * Class(r)) + Noise(d, r, 2)]);

        var look = Look();

        Assert.Equal(["x", "sensor"], Channels(look));
        Assert.Contains("left out  'code': the same as 'label'; --channels includes it", look.Reasons);
        Assert.Equal(["code", "x"], Channels(Look(static o => o with { Channels = ["x", "code"] })).Order());
        Assert.Contains(Fit().Notes, static n => n.StartsWith("'sensor' alone tells the class", StringComparison.Ordinal));
    }

    /// <summary>Of another value on one of the devices.</summary>
    [Fact]
    public void A_value_of_each_class_that_does_not_hold_on_all_devices_is_an_input()
    {
        Write(3, "code", static (d, r) => [d == 2 ? 3 - Class(r) : Class(r) * 0.5]);

        Assert.Equal(["x", "code"], Channels(Look()));
    }

    /// <summary>The charge begins anywhere; what is counted depends on the class; a clock begins at 0. A class lasts 50 rows.</summary>
    [Theory]
    [InlineData("charge", 0.01)]
    [InlineData("counted", 0.01)]
    [InlineData("clock", 0.05)]
    public void A_level_that_rises_with_jitter_is_no_input(string kind, double jitter)
    {
        Write(4, "level", (d, r) => [(kind == "charge" ? 90 - d - (r * 0.02) : kind == "counted" ? Counted(r) * 0.02 : r * 0.02)
            + (jitter * Rows * 0.02 * Noise(d, r, 1))]);

        var look = Look();

        Assert.Equal(["x"], Channels(look));
        Assert.Contains(look.Reasons, static r => r.StartsWith("left out  'level': rises or falls all along", StringComparison.Ordinal));
        Assert.Equal(["x", "level"], Channels(Look(static o => o with { Channels = ["x", "level"] })));
        static double Counted(int r) => Enumerable.Range(0, r).Sum(static i => Class(i) == 0 ? 0.5 : 1.5);
    }

    /// <summary>Wear ends at a level, later on one machine than on another; a temperature rises once; a walk goes anywhere.</summary>
    [Fact]
    public void A_level_that_decides_the_class_or_rises_now_and_then_is_an_input()
    {
        static double Wear(int d, int r) => r * (0.5 + (0.2 * d)) / Rows;
        Write(5, "wear,walk,warm", static (d, r) => [Wear(d, r) + (0.003 * Noise(d, r, 1)), Walk(d, r),
            (d < 2 ? 1 - Math.Exp(-r / 100.0) : 0) + (0.01 * Noise(d, r, 2))], static (d, r) => Wear(d, r) > 0.3 ? "worn" : "good");

        var look = Look();

        Assert.Equal(["x", "wear", "walk", "warm"], Channels(look));
        Assert.Contains(look.Reasons, static r => r.StartsWith("noted     'wear' rises or falls all along", StringComparison.Ordinal));
    }

    /// <summary>The last device has the rows of the first, later, or a part of them, or others.</summary>
    [Theory]
    [InlineData(0, Rows, true)]
    [InlineData(200, 400, true)]
    [InlineData(-250, Rows, true)]
    [InlineData(-450, Rows, false)]
    public void Of_devices_that_are_copies_one_is_used(int first, int rows, bool isCopy)
    {
        Write(6, "y", static (d, r) => [Noise(d, r, 1)]);
        Write("d5.csv", "y", r => Row(r + first >= 0 ? 0 : 9, r + first, r, (d, r) => [Noise(d, r, 1)]), rows);

        var (look, fit, asked) = (Look(), Fit(), Fit("d5"));

        Assert.Equal(isCopy, look.Reasons.Any(static r => r.StartsWith("noted     'd5' has the same rows as 'd0'",
            StringComparison.Ordinal)));
        Assert.Equal(["d4"], fit.Unseen);
        Assert.Equal(isCopy ? ["d0", "d1", "d2", "d3"] : ["d0", "d1", "d2", "d3", "d5"], fit.Devices);
        Assert.Equal(isCopy ? ["d1", "d2", "d3", "d4"] : ["d0", "d1", "d2", "d3", "d4"], asked.Devices);
        Assert.Equal(["d5"], asked.Unseen);
        Assert.Equal(isCopy, asked.Notes.Any(static n => n.StartsWith("'d0' has the same rows as 'd5'", StringComparison.Ordinal)));
    }

    /// <summary>Values of few steps, and a column that all devices share.</summary>
    [Fact]
    public void Devices_with_coarse_values_or_one_common_column_are_not_copies()
    {
        Write(4, "coarse,weather", static (d, r) => [Math.Round(Noise(d, r, 1)), Noise(9, r, 1)]);
        Assert.Empty(Look().Copies);
        Write(4, "a,b,c", static (d, r) => [Math.Round(Noise(d, r, 1)), Math.Round(Noise(d, r, 2)), Noise(9, r, 4)]);
        Assert.Empty(Look(static o => o with { Ignore = ["x"] }).Copies);
        Write(4, "on", static (d, r) => [Noise(d, r, 1) > 0 ? 1 : 0]);
        Assert.Empty(Look(static o => o with { Ignore = ["x"] }).Copies);
    }

    [Fact]
    public void Copies_are_found_among_many_devices_from_a_sample()
    {
        var copies = new DeviceCopies(300);
        for (var d = 0; d < 300; d++)
        {
            for (var r = 0; r < 2000; r++) { copies.Add(d, DeviceCopies.With(0, (float)Noise(d == 299 ? 7 : d, r, 1))); }
        }

        Assert.Equal(new DeviceCopy(7, 299, 1), Assert.Single(copies.Pairs()));
    }

    /// <summary>One has the value of 2 s later, another that of now.</summary>
    [Fact]
    public void A_channel_that_knows_the_later_value_is_named()
    {
        static double Target(int d, int r) => Walk(d, r) + (0.1 * Noise(d, r, 4));
        Write(3, "y,next,same", static (d, r) => [Target(d, r), Target(d, r + 100), Target(d, r) + (0.01 * Noise(d, r, 5))]);
        var look = Look(static o => o with { Target = "y", Ahead = TimeSpan.FromSeconds(2) });

        var said = FitRoles.Of(OwnRows.Read(look), new() { WindowSeconds = 0.2 }).Notes.Where(static n => n.Contains(" goes with "));

        Assert.StartsWith("'next' goes with the later 'y' almost exactly", Assert.Single(said), StringComparison.Ordinal);
    }

    private static int Class(int row) => row / 50 % 3;

    private static double Noise(int device, int row, int column) => new RandomStream(row, $"{device} {column}").NextGaussian();

    private static double Walk(int device, int row) => Enumerable.Range(0, row / 5).Sum(i => Noise(device, i, 3));

    private void Write(int devices, string names, Func<int, int, double[]> values, Func<int, int, string>? label = null)
    {
        for (var d = 0; d < devices; d++)
        {
            var device = d;
            Write($"d{d}.csv", names, r => Row(device, r, r, values, label), Rows);
        }
    }

    private static string Row(int device, int row, int time, Func<int, int, double[]> values, Func<int, int, string>? label = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{time * 20},{Noise(device, row, 0):0.0000},")
            + string.Join(',', values(device, row).Select(static v => v.ToString("0.00000", CultureInfo.InvariantCulture)))
            + $",{label?.Invoke(device, row) ?? $"c{Class(time)}"}";

    private void Write(string file, string names, Func<int, string> row, int rows) =>
        File.WriteAllLines(_folder.File(file), [$"time,x,{names},label", .. Enumerable.Range(0, rows).Select(row)]);

    private OwnColumns Look(Func<TableOptions, TableOptions>? change = null) =>
        FirstLook.At((change ?? (static o => o))(new() { Csv = _folder.File("*.csv") }));

    private FitRows Fit(params string[] unseen) => FitRoles.Of(OwnRows.Read(Look()), new() { Unseen = [.. unseen], WindowSeconds = 0.2 });

    private static IEnumerable<string> Channels(OwnColumns look) => look.Channels.Select(static c => c.Source);
}
