using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>Files that can be read, but hardly mean what they seem to.</summary>
public sealed class DoubtedFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(5000, true)]        // begins after the first rows
    [InlineData(100, true)]         // ends in them
    [InlineData(-1, false)]
    public void A_code_for_missing_values_is_found_in_all_rows_and_counted_in_them(int from, bool isSaid)
    {
        Write("time_ms,x,label", static r => r * 20, r => from >= 0 && r >= from && r < from + 40 ? "85" : Value(r), rows: 6000);

        Assert.Equal(isSaid ? ["85 occurs 40 times in 'x', far from all other values: if it means a missing value, use --missing 85"] : [],
            Look().Told.Where(static t => t.Contains("--missing", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("two scales", "rows come irregularly, 1 s to 10 min apart")]
    [InlineData("uniform", "rows come irregularly, ")]
    [InlineData("growing", "rows come irregularly, ")]
    [InlineData("slow, then fast", "steps differ, for a part of the rows each: 1 min, 5 s; --rate 0.01667 resamples all to the slowest")]
    [InlineData("even", null)]
    [InlineData("jitter", null)]
    [InlineData("bursts", null)]
    [InlineData("lost", null)]
    [InlineData("nights", null)]
    public void Steps_without_a_length_are_said_whatever_their_shape(string shape, string? said)
    {
        var (at, random) = (0.0, new RandomStream(1, "steps"));
        Write("time_s,x,label", r => at += shape switch
        {
            "two scales" => random.NextDouble() < 0.5 ? 1 : 600,
            "uniform" => 1 + (600 * random.NextDouble()),
            "growing" => 1 + (0.75 * r),
            "slow, then fast" => r / 600 % 2 == 0 ? 60 : 5,
            "jitter" => 1 + (1.2 * (random.NextDouble() - 0.5)),
            "bursts" => r % 8 == 0 ? 60 : 1,
            "lost" => random.NextDouble() < 0.3 ? 2 : 1,
            "nights" => r % 144 == 143 ? 36_000 : 300,
            _ => 1,
        }, Value, rows: 2400);

        var noted = Look().Reasons.Where(static r => r.StartsWith("noted     steps", StringComparison.Ordinal)
            || r.StartsWith("noted     rows come", StringComparison.Ordinal)).ToList();

        if (said is null) { Assert.Empty(noted); }
        else { Assert.StartsWith("noted     " + said, Assert.Single(noted), StringComparison.Ordinal); }
    }

    [Fact]
    public void Rows_of_two_rates_are_resampled_to_the_slower_one()
    {
        var at = 0;
        Write("time_s,x,label", r => at += r / 600 % 2 == 0 ? 60 : 5, Value, rows: 2400);

        var look = Look(new() { RowsPerSecond = 0.01667 });

        Assert.Contains("--rate 0.01667", look.Options, StringComparison.Ordinal);
        Assert.DoesNotContain(look.Reasons, static r => r.Contains("steps differ", StringComparison.Ordinal));
        Assert.InRange(Assert.Single(OwnRows.Read(look).Devices).Labels.Length, 1300, 1340);      // 600 and 50, twice
    }

    [Theory]
    [InlineData(1_796_118_784.5, TimeUnit.Milliseconds, true, "in seconds, they would begin at 2026-12-01T09:53:04.500Z: --time-format s")]
    [InlineData(1_796_118_784_893, TimeUnit.Microseconds, true, "in milliseconds, they would begin at 2026-12-01")]
    [InlineData(3_782_844_800, TimeUnit.Seconds, true, "which lie in the future: seconds since 1904 (subtract 2082844800) would")]
    [InlineData(133_444_736_000_000_000, TimeUnit.Nanoseconds, true, "before 1990: check the unit")]
    [InlineData(1_796_118_784, TimeUnit.Seconds, false, "")]
    [InlineData(5_000_000, TimeUnit.Milliseconds, false, "")]       // since a start
    public void Times_that_are_no_dates_of_measurements_are_doubted(double value, TimeUnit unit, bool isSaid, string said)
    {
        var first = value / unit switch { TimeUnit.Milliseconds => 1e3, TimeUnit.Microseconds => 1e6, TimeUnit.Nanoseconds => 1e9, _ => 1 };

        var doubt = TimeDoubts.OfDates("t", first, first + 60, unit, new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero),
            static other => $"--time-format {other}");

        Assert.Equal(isSaid, doubt is not null);
        Assert.Contains(said, doubt ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_in_a_wrong_unit_are_said_of_live_rows_and_of_files()
    {
        Write("t,x,label", static r => 1_784_000_000 + r, Value, rows: 200);

        foreach (string[] words in (string[][])[["--command", $"cat {_folder.File("a.csv")}", "--channels", "x", "--time", "t:ms"],
            ["--csv", _folder.File("a.csv"), "--channels", "x", "--time", "t", "--time-format", "ms"]])
        {
            var run = await ProgramProcess.RunAsync(["watch", .. words]);

            Assert.Contains("which lie in the past: in seconds, they would begin at 2026-07-14T03:33:20.000Z: --time", run.Error,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Err")]
    [InlineData("---")]
    [InlineData("#N/A!")]
    public void A_text_that_may_mean_a_missing_value_is_named_with_its_option(string text)
    {
        Write("time_ms,x,label", static r => r * 20, r => r % 33 == 7 ? text : Value(r), rows: 400);

        Assert.Contains(OwnRows.Read(Look()).Notes, n => n.StartsWith($"12 of the rows left out have '{text}': if it means a missing "
            + "value, use --missing ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_with_another_delimiter_than_the_first_is_refused_without_settings_that_are_no_options()
    {
        Write("time_ms,x,label", static r => r * 20, Value, rows: 40);
        File.WriteAllText(_folder.File("b.csv"), File.ReadAllText(_folder.File("a.csv")).Replace(',', ';'));

        var refused = Assert.Throws<ProgramException>(() => FirstLook.At(new() { Csv = _folder.File("*.csv") })).Message;

        Assert.EndsWith("b.csv:1: expected several columns, got 'time_ms;x;label': this file has another delimiter than the first: write "
            + "all with one, or name it without the others", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ms,g,-", "")]
    [InlineData("TS,RN,RN\n,Smp,text", "")]
    [InlineData("", "mean,0.4,max\nsum,x,1.2")]
    public void A_class_of_rows_that_are_left_out_alone_is_none(string below, string end)
    {
        File.WriteAllLines(_folder.File("a.csv"), [.. $"time_ms,x,label\n{below}".Split('\n').Where(static l => l.Length > 0),
            .. Enumerable.Range(0, 400).Select(static r => $"{r * 20},{Value(r)},{(r < 200 ? "sit" : "run")}"),
            .. end.Split('\n').Where(static l => l.Length > 0)]);

        Assert.Equal(["run", "sit"], Look().Classes);
    }

    [Theory]
    [InlineData("0", "0.000000e+00")]
    [InlineData("0", "0,0")]
    [InlineData("run", "\ufeff run")]
    [InlineData("100", "1.0e2")]
    public void One_class_in_two_spellings_is_one(string one, string other)
    {
        File.WriteAllLines(_folder.File("a.csv"), ["time_ms;x;label", .. Enumerable.Range(0, 400).Select(r =>
            $"{r * 20};{Value(r)};{(r < 100 ? one : r < 200 ? other : "55")}")]);

        var look = Look(new() { Label = "label" });

        Assert.Equal(new[] { "55", one }.Order(StringComparer.Ordinal), look.Classes.Order(StringComparer.Ordinal));
        Assert.Contains(look.Told, static t => t.EndsWith("are taken as one", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("03-04-2023 {0:00}:{1:00}", null)]
    [InlineData("03/04/2023 {0:00}:{1:00}", null)]
    [InlineData("13-04-2023 {0:00}:{1:00}", "d-M-yyyy H:mm")]
    [InlineData("04-13-2023 {0:00}:{1:00}", "M-d-yyyy H:mm")]
    public void A_date_whose_day_may_be_its_month_is_not_guessed(string form, string? format)
    {
        File.WriteAllLines(_folder.File("a.csv"), ["time,x,label", .. Enumerable.Range(0, 400).Select(r =>
            string.Format(CultureInfo.InvariantCulture, form, r / 60, r % 60) + $",{Value(r)},{(r < 200 ? "sit" : "run")}")]);

        Assert.Equal(format, Look().Time?.TimeFormat);
    }

    [Theory]
    [InlineData("Time (min)", 60, "minutes")]
    [InlineData("Zeit [h]", 3600, "hours")]
    [InlineData("time_hours", 3600, "hours")]
    public void Times_in_minutes_or_hours_are_not_taken_for_seconds(string name, double seconds, string unit)
    {
        Write($"{name},x,label", r => r * 6 / seconds, Value, rows: 400);

        Assert.Contains(Look().Missing, m => m.Contains($"'{name}' are in {unit}:", StringComparison.Ordinal)
            && m.Contains("--rate 0.166", StringComparison.Ordinal));
    }

    [Fact]
    public void A_named_unit_with_a_rate_that_sensors_have_is_no_doubt()
    {
        Write("t_us,x,label", static r => r * 50, Value, rows: 400);

        Assert.DoesNotContain(Look().Reasons, static r => r.Contains("doubt", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1 / 9.80665, 2, true)]
    [InlineData(1, 2, false)]
    [InlineData(1, 1, false)]       // one class
    [InlineData(100, 2, true)]
    public async Task Values_unlike_those_that_a_model_learned_from_are_said(double scale, int classes, bool isSaid)
    {
        var (fit, others) = (_folder.File("a.csv"), _folder.File("b.csv"));
        Write("time_ms,x [m/s^2],label", static r => r * 20, r => Acceleration(r, 1), rows: 1600);
        var run = await ToolRun.RunAsync("fit", "--csv", fit, "--label", "label", "--device", "none", "--model", "linear", "--out",
            _folder.File("out"));
        Assert.True(run.ExitCode == 0, run.Error);
        Write("time_ms,x,label", static r => r * 20, r => Acceleration(classes == 1 ? r % 100 : r, scale), rows: 1600, "b.csv");

        foreach (string[] rows in (string[][])[["--csv", others, "--device", "none"],
            ["--command", $"cat {others}", "--time", "time_ms:ms"]])
        {
            run = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), .. rows]);

            Assert.Equal(0, run.ExitCode);
            Assert.Equal(isSaid, run.Error.Contains("the values of 'x' are unlike those that the model learned from: mean ",
                StringComparison.Ordinal));
        }
    }

    private static string Acceleration(int row, double scale) => FormattableString.Invariant(
        $"{scale * (9.81 + (Math.Sin(row * row) * (row / 200 % 2 == 0 ? 0.1 : 1))):R}");

    private static string Value(int row) => FormattableString.Invariant($"{3 * Math.Sin(row * row):0.000}");

    private OwnColumns Look(TableOptions? options = null) => FirstLook.At((options ?? new()) with { Csv = _folder.File("a.csv") });

    private void Write(string header, Func<int, double> time, Func<int, string> value, int rows, string name = "a.csv") =>
        File.WriteAllLines(_folder.File(name), [header, .. Enumerable.Range(0, rows).Select(r => string.Create(
            CultureInfo.InvariantCulture, $"{time(r):0.#######},{value(r)},{(r / 200 % 2 == 0 ? "sit" : "run")}"))]);
}
