using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class TimesSeenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("time")]
    [InlineData("iso")]
    public void Times_of_whole_seconds_ask_for_the_rate_of_the_rows(string form)
    {
        var path = Coarse(form);

        var look = Look(path);

        var missing = Assert.Single(look.Missing);
        Assert.Contains("2,940 of 3,000 rows repeat the time of the previous row", missing, StringComparison.Ordinal);
        Assert.Contains("--rate 50 takes all rows", missing, StringComparison.Ordinal);
        Assert.Contains("--rate 1 leaves out those 2,940", missing, StringComparison.Ordinal);
        Assert.EndsWith("--rate 50", look.Options, StringComparison.Ordinal);
        var refused = Assert.Throws<ProgramException>(() => OwnRows.Complete(look));
        Assert.Equal($"--csv: missing: {missing}", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData(50, 3000, "it is not used, all rows are treated as evenly spaced, 50 per second")]
    [InlineData(1, 60, "2,940 rows with the same time as the previous row were left out")]
    public void A_rate_says_whether_rows_or_their_coarse_times_are_taken(double rate, int rows, string note)
    {
        var look = Look(Coarse("time"), rate);

        Assert.Empty(look.Missing);
        Assert.Equal((rate, rate == 1), (look.Rate, look.Time is not null));
        var read = OwnRows.Read(look);
        Assert.Equal(rows, Assert.Single(read.Devices).Labels.Length);
        Assert.Single(read.Devices[0].Parts);
        Assert.Contains(note, Assert.Single(read.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-03-05 14:{0:00}:{1:00}", true)]
    [InlineData("2026-03-05T14:{0:00}:{1:00}.5", true)]
    [InlineData("5.3.2026 14:{0:00}:{1:00}", true)]
    [InlineData("2026-03-05 14:{0:00}:{1:00}+01:00", false)]
    [InlineData("2026-03-05T14:{0:00}:{1:00}Z", false)]
    [InlineData("2026-03-05 14:{0:00}:{1:00} UTC", false)]
    public async Task Times_without_a_zone_are_said_once_to_be_read_as_utc(string time, bool isSaid)
    {
        var file = _folder.File("rows.csv");
        await File.WriteAllLinesAsync(file, ["time,sensor,x,label", .. Enumerable.Range(0, 1200).Select(i => string.Format(
            CultureInfo.InvariantCulture, time, i / 2 / 60, i / 2 % 60) + (i % 2 == 0 ? ",a," : ",b,")
            + FormattableString.Invariant($"{Math.Sin(i) * (i / 200 % 2)},{(i / 200 % 2 == 0 ? "sit" : "run")}"))],
            TestContext.Current.CancellationToken);
        var model = _folder.File("out/model.safetensors");

        foreach (string[] words in (string[][])[["fit", "--label", "label", "--window", "4", "--device", "none", "--join", "sensor",
            "--out", _folder.File("out")], ["look", "--device", "sensor"], ["watch", "--device", "sensor"], ["answer", model]])
        {
            var run = await ToolRun.RunAsync([.. words, "--csv", file]);

            Assert.Equal(isSaid ? 1 : 0, (run.Output + run.Error).Split("times without a zone are read as UTC").Length - 1);
            Assert.Equal(0, run.ExitCode);
        }
    }

    [Fact]
    public void A_rate_that_neither_rows_nor_coarse_times_have_is_refused() => Assert.Equal(
        "--rate: the times in column 'time' say 1 rows a second, or 50 with the rows that repeat a time or have none, not 25: "
            + "use one of them",
        Assert.Throws<ProgramException>(() => Look(Coarse("time"), 25)).Message);

    [Fact]
    public void Times_finer_than_a_second_but_coarser_than_rows_are_found_too()
    {
        var path = Written("rows.csv", "time_ms,x,label", 1000, static r => $"{r * 1000 / 128 / 10 * 10},1.5,a");

        Assert.Contains("its steps say 100 a second, its rows 12", Assert.Single(Look(path).Missing, static m =>
            m.StartsWith("rows a second", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]       // steps of 2 and 3 ms
    [InlineData(700)]       // of 1 and 2 ms
    [InlineData(60)]        // of 16 and 17 ms
    [InlineData(1000)]
    public void The_rate_is_right_though_times_have_whole_milliseconds(int rate)
    {
        var path = Written("rows.csv", "time_ms,x,label", 4000, r => $"{r * 1000L / rate},{r % 7}.5,{(r < 1500 ? "a" : "b")}");

        Assert.Equal(rate, Look(path).Rate!.Value, rate * 0.001);
    }

    [Fact]
    public void Rows_that_are_missing_here_and_there_do_not_change_the_rate()
    {
        var rows = Enumerable.Range(0, 4000).Where(static r => r % 17 != 3).ToList();
        var path = Written("rows.csv", "time_ms,x,label", rows.Count, r => $"{rows[r] * 20},1.5,{(r < 1500 ? "a" : "b")}");

        Assert.Equal(50, Look(path).Rate!.Value, 1e-6);
    }

    [Fact]
    public void Times_that_fall_begin_a_recording_and_that_is_said_in_the_look_and_in_the_run()
    {
        var path = Written("rows.csv", "time_ms,x,label", 400, static r => $"{r % 100 * 20},1.5,{(r < 200 ? "a" : "b")}");

        var look = Look(path);

        const string Said = "a recording starts at each, and no window spans two; sort the rows by time";
        Assert.Contains(look.Reasons, static r => r.StartsWith("noted     the time in 'time_ms' falls at 3 of 400 rows: " + Said,
            StringComparison.Ordinal));
        var read = OwnRows.Read(look);
        Assert.Equal((400, 4), (read.Devices[0].Labels.Length, read.Devices[0].Parts.Length));
        Assert.StartsWith("the time in 'time_ms' falls at 3 rows: " + Said, Assert.Single(read.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_without_a_time_are_left_out_and_said_in_the_look_and_in_the_run(bool isIso)
    {
        var path = Written("rows.csv", "time_ms,x,label", 400, r => $"{(r % 20 == 7 ? "" : isIso ? Iso(r * 20) : r * 20)},1.5,"
            + (r < 200 ? "a" : "b"));

        var look = Look(path);

        Assert.Equal((50.0, "time_ms"), (Math.Round(look.Rate!.Value, 6), look.Time!.Source));
        Assert.Contains("noted     20 of 400 rows have no readable time in 'time_ms': they are left out", look.Reasons);
        var read = OwnRows.Read(look);
        Assert.Equal(380, read.Devices[0].Labels.Length);
        Assert.StartsWith("20 rows without a readable time were left out, from ", Assert.Single(read.Notes),
            StringComparison.Ordinal);
        Assert.Contains("rows.csv:9, column 'time_ms': missing value", read.Notes[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-20, "0 repeat the previous row, at 399 it falls, 0 have none; sort the rows by time")]
    [InlineData(0, "399 repeat the previous row, at 0 it falls, 0 have none; set the rows")]
    public void A_time_that_does_not_rise_is_missing_with_how_many_rows_fall_or_repeat(int step, string expected)
    {
        var look = Look(Written("rows.csv", "time_ms,x,label", 400, r => $"{9000 + (r * step)},1.5,{(r < 200 ? "a" : "b")}"));

        Assert.Contains(look.Reasons, r => r.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(expected, Assert.Single(look.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void Gaps_and_devices_whose_rows_alternate_are_no_flaw()
    {
        var look = Look(Written("rows.csv", "device,time_ms,x,label", 400, static r =>
            $"{(r % 2 == 0 ? "p" : "q")},{(r / 2 * 20) + (r < 200 ? 0 : 90_000)},1.5,{(r < 100 ? "a" : "b")}"));

        Assert.Equal((50.0, 0), (look.Rate, look.Missing.Length));
        Assert.DoesNotContain(look.Reasons, static r => r.StartsWith("noted", StringComparison.Ordinal));
    }

    /// <summary>Of the first rows, many devices have one or two each, and each has its own clock.</summary>
    [Fact]
    public void Times_of_many_devices_by_turns_rise_in_those_of_each()
    {
        const int Devices = 997;

        var look = Look(Written("rows.csv", "device,time_s,x,label", 12 * Devices, static r =>
            $"{r * 271 % Devices},{(r * 271 % Devices * 77) + (r / Devices)},{r % 7}.5,{(r < 6000 ? "a" : "b")}"));

        Assert.Empty(look.Missing);
        Assert.Equal(("time_s", null, 1), (look.Time?.Source, look.FallingTime, look.Rate));
    }

    [Fact]
    public void One_row_may_be_the_begin_of_times_that_rise()
    {
        var look = Look(Written("rows.csv", "time_s,x", 1, static r => $"{r},1.5"));

        Assert.Equal(("time_s", null), (look.Time?.Source, look.FallingTime));
    }

    [Theory]
    [InlineData(null, "column 'device' looks like a device and has more than 10,000 different values")]
    [InlineData("device", "--device: column 'device' has more than 10,000 different values")]
    public void More_devices_than_can_be_told_apart_are_refused(string? device, string expected)
    {
        var path = Written("rows.csv", "device,time_s,x", 20_002, static r => $"d{r / 2},{r % 2},1.5");

        var refused = Assert.Throws<ProgramException>(() => FirstLook.At(new() { Csv = path, Device = device }));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("time_s")]
    [InlineData("x")]
    public void A_time_or_a_measurement_is_no_device(string column)
    {
        var path = Written("rows.csv", "time_s,x,label", 30, static r => $"{r},{r % 7}.5,a");

        var refused = Assert.Throws<ProgramException>(() => FirstLook.At(new() { Csv = path, Device = column }));

        Assert.StartsWith($"--device: column '{column}' has times or measurements: expected strings or whole numbers", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_learned_by_the_rate_of_rows_answers_rows_of_such_times_and_says_so()
    {
        var (path, model) = (Coarse("time"), _folder.File("out/model.safetensors"));

        var run = await ToolRun.RunAsync("fit", "--csv", path, "--label", "label", "--rate", "50", "--alone", "--model", "linear",
            "--out", _folder.File("out"));
        var answers = await ToolRun.RunAsync("answer", model, "--csv", path);

        const string Said = "2,940 of 3,000 rows repeat the time of the previous row";
        Assert.Equal((0, 0), (run.ExitCode, answers.ExitCode));
        Assert.Contains(Said, run.Output, StringComparison.Ordinal);
        Assert.Contains(Said, answers.Error, StringComparison.Ordinal);
        Assert.Equal(3000 / 64, answers.Output.TrimEnd().Split('\n').Length);        // with the head
    }

    [Theory]
    [InlineData("1949-{1:00}-01", "a row every 30.6 d")]
    [InlineData("1949-{1:00}", "a row every 30.6 d")]
    [InlineData("2026-01-{1:00}", "a row every 1 d")]
    [InlineData("2026-01-01T{0:00}:00:00Z", "a row every 1 h")]
    [InlineData("2026-01-01T00:{0:00}:00Z", "a row every 1 min")]
    public void Dates_are_times_and_slow_rows_have_a_rate(string form, string expected)
    {
        var look = Look(Written("rows.csv", "when,x,label", 12, r =>
            $"{string.Format(CultureInfo.InvariantCulture, form, r, r + 1)},{r % 7}.5,{(r < 6 ? "a" : "b")}"));

        Assert.Equal("when", look.Time?.Source);
        Assert.Contains(look.Reasons, r => r.StartsWith($"rate      {expected}: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Dates_of_recordings_are_no_times() => Assert.Equal("ms", Look(Written("rows.csv", "session,ms,x,label", 400,
        static r => $"2026-03-0{1 + (r / 200)},{r * 20},{r % 7}.5,{(r < 300 ? "a" : "b")}")).Time?.Source);

    [Theory]
    [InlineData("T", false, true)]
    [InlineData("T [Cel]", false, true)]
    [InlineData("t [Cel]", false, true)]
    [InlineData("T", true, false)]          // it rises in each row
    [InlineData("t", false, false)]
    public void A_temperature_is_no_time(string name, bool rises, bool isChannel)
    {
        int Value(int r) => rises ? r : isChannel ? 20 + Math.Abs(10 - (r / 20)) : 20 + (r / 20);
        var look = Look(Written("rows.csv", $"{name},x,label", 400, r =>
            $"{Value(r)},{r * 37 % 101}.5,{(r < 200 ? "a" : "b")}"), isChannel ? 50 : null);

        Assert.Equal(isChannel, look.Channels.Any(c => c.Source == name[..1]));
    }

    [Fact]
    public void Devices_of_several_rates_are_resampled_to_the_slowest_that_is_no_outlier()
    {
        double[] rates = [20, 25, 50, 25, 2];
        string[] lines = [.. rates.SelectMany((rate, d) => Enumerable.Range(0, 400).Select(r =>
            FormattableString.Invariant($"d{d},{Math.Round(r * 1e6 / rate):0},{Math.Sin(r / rate):0.0000},{(r < 200 ? "a" : "b")}")))];
        var look = Look(Written("rows.csv", "device,time_us,x,label", lines.Length, r => lines[r]));

        Assert.Equal(20, look.Rate!.Value, 6);
        Assert.Contains("rate      20 rows a second: devices have 2 (1 device), 20 (1), 25 (2), 50 (1); rows are resampled to it",
            look.Reasons);
        var read = OwnRows.Read(look);
        Assert.Equal([400, 320, 160, 320, 400], read.Devices.Select(static d => d.Labels.Length));
        Assert.Equal([1, 1, 1, 1, 400], read.Devices.Select(static d => d.Parts.Length));
        Assert.All(Enumerable.Range(0, 150), r => Assert.Equal(Math.Sin((r + 0.5) / 20), read.Devices[2].Values[r], 0.002));
        Assert.Equal(25, Look(_folder.File("rows.csv"), 25).Rate);
    }

    private static OwnColumns Look(string path, double? rate = null) => FirstLook.At(new() { Csv = path, RowsPerSecond = rate });

    private static string Iso(int milliseconds) => FormattableString.Invariant($"2026-01-01T00:00:{milliseconds / 1000.0:00.000}Z");

    /// <summary>A minute of 50 rows a second with times of whole seconds.</summary>
    private string Coarse(string form) => Written("rows.csv", "time,x,label", 3000, r =>
        $"{(form == "iso" ? Iso(r / 50 * 1000) : r / 50)},{r % 7}.5,{(r < 1500 ? "a" : "b")}");

    private string Written(string name, string head, int rows, Func<int, string> row)
    {
        File.WriteAllLines(_folder.File(name), [head, .. Enumerable.Range(0, rows).Select(row)]);
        return _folder.File(name);
    }
}
