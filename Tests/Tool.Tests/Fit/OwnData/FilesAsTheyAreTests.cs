using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>Files as loggers, exports and people write them: read, said, or refused with what helps, and never misread.</summary>
public sealed class FilesAsTheyAreTests : IDisposable
{
    private static readonly string[] Ids = ["17", "3fa1", "99"];

    private readonly TemporaryFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Spellings_of_one_class_are_one_and_it_is_said()
    {
        Write("a.csv", "time_ms,x,label", static i => $"{i * 20},{i % 7}.5,{i / 100 % 2}");
        Write("b.csv", "time_ms,x,label", static i => $"{i * 20},{i % 7}.5,{(i % 9 == 0 ? " " : "")}{i / 100 % 2}.0");

        var look = Look("?.csv");

        Assert.Equal(["0", "1"], look.Classes);
        Assert.Contains("noted     in 'label', ' 0.0' and '0' and '0.0' are taken as one", look.Reasons);
        Assert.Equal([200, 200], look.Files.Texts(["label"])[0].Values);
        var read = new int[2];
        OwnReader.ReadRows(look.Files, [FileColumn.Label("label", look.Classes)], null, look.Devices,
            (batch, row, _) => read[batch.Columns[0].Values<int>()[row]]++);
        Assert.Equal([200, 200], read);
    }

    [Theory]
    [InlineData("Run", "run", "differ only in capital letters")]
    [InlineData("0", "00", "differ only in leading zeros")]
    [InlineData("Ku\u0308che", "Küche", "look alike, with accents")]
    [InlineData("Kuche", "Küche", null)]
    [InlineData("Käfig", "Kåfig", null)]
    [InlineData("1", "10", null)]
    public void Texts_that_look_alike_are_classes_of_their_own_and_it_is_said(string one, string other, string? expected)
    {
        Write("a.csv", "time_ms,x,label", i => $"{i * 20},{i % 7}.5,{(i < 100 ? one : other)}");

        Assert.Equal(expected is not null, Look("a.csv").Reasons.Any(r =>
            r.Contains($"'{one}' and '{other}' {expected ?? "differ"}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("3.310", ';', true)]
    [InlineData("3.310", ',', false)]
    [InlineData("0.310", ';', false)]
    public void A_point_that_may_separate_thousands_is_no_decimal_point(string least, char delimiter, bool isLeftOut)
    {
        Write("a.csv", "time_ms,y,x,label".Replace(',', delimiter), i => $"{i * 20},{i % 7},{(i == 0 ? least : FormattableString.Invariant(
            $"{3 + (i * 0.007 % 2):0.000}"))},{i / 100}".Replace(',', delimiter));

        Assert.Equal(isLeftOut, Look("a.csv").Reasons.Any(static r =>
            r.Contains("'x': numbers such as ", StringComparison.Ordinal) && r.Contains("thousands", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0, "1 line before the header skipped")]
    [InlineData(1, "a.csv:2: bad quotes, got '{")]
    [InlineData(150, "a.csv:151: bad quotes, got '{")]
    public async Task A_line_of_json_among_rows_is_one_bad_row(int line, string said)
    {
        List<string> lines = ["time_ms,x,y", .. Enumerable.Range(0, 200).Select(static i => $"{i * 20},{i % 7}.5,{i % 5}.5")];
        lines.Insert(line, "{\"time_ms\":20,\"x\":1.5,\"y\":2}");
        await File.WriteAllLinesAsync(_folder.File("a.csv"), lines, TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", _folder.File("a.csv"), "--learn", "50");

        Assert.Contains("150 rows scored", run.Error, StringComparison.Ordinal);
        Assert.Contains(said, line == 0 ? LookText(Look("a.csv")) : run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_again_is_no_row_and_is_said_once()
    {
        Write("a.csv", "ms,x,activity", static i => i % 60 == 59 ? (i > 60 ? "\uFEFF" : "") + "ms,x,activity"
            : $"{i % 60 * 20},{i % 7}.5,{(i / 30 % 2 == 0 ? "sit" : "run")}");

        var look = Look("a.csv");

        Assert.Equal(["run", "sit"], look.Classes);
        Assert.Single(look.Reasons, static r => r.Contains("3 lines are the header again", StringComparison.Ordinal));
        Assert.DoesNotContain(look.Reasons, static r => r.Contains("no readable time", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_below_a_header_that_lacks_a_column_are_said()
    {
        Write("a.csv", "ms,x,y,activity", static i => i == 150 ? "ms,x,activity" : i > 150 ? $"{i * 20},1.5,sit"
            : $"{i * 20},{i % 7}.5,2.5,{(i < 75 ? "sit" : "run")}");

        var look = Look("a.csv");
        OwnReader.ReadRows(look.Files, look.Channels, null, look.Devices, static (_, _, _) => { });

        Assert.Contains(look.Files.HeadNotes, static n => n.StartsWith("49 rows, first", StringComparison.Ordinal));
        Assert.Contains(look.Files.HeadNotes, static n => n.Contains("is the header again", StringComparison.Ordinal));
    }

    /// <summary>As an export of a time series database has it: the query's start stands before the time, in each row.</summary>
    [Fact]
    public void A_time_that_stays_the_same_is_none()
    {
        Write("a.csv", ",_start,_time,machine,state,x", static i => FormattableString.Invariant(
            $",2026-03-01T00:00:00Z,2026-03-01T12:00:{i % 60:00}.000Z,{(i < 60 ? "m1" : "m2")},")
            + $"{(i % 2 == 0 ? "good" : "worn")},{i % 7}.5", rows: 120);

        Assert.Equal("_time", Look("a.csv").Time!.Source);
    }

    [Theory]
    [InlineData("$1,{0}.64", false)]
    [InlineData("aa:bb:00:00:0{1}", false)]
    [InlineData("03/{1}/2026 1:{2} PM", true)]
    public void Only_texts_that_may_be_times_are_said_to_look_so(string text, bool mayBe)
    {
        Write("a.csv", "time_ms;x;t;label", i => string.Format(CultureInfo.InvariantCulture, $"{i * 20};{i % 7}.5;{text};{i / 100}",
            100 + (i % 60), i % 7, 10 + (i % 50)));

        Assert.Equal(mayBe, Look("a.csv").Reasons.Contains("left out  't': texts that look like times; set --time-format"));
    }

    [Theory]
    [InlineData("-200,0")]
    [InlineData("-200")]
    public void A_number_that_means_missing_matches_with_decimal_commas(string written)
    {
        Write("a.csv", "time_ms;x;label", i => $"{i * 20};{(i % 10 == 3 ? written : $"{i % 7},5")};{(i < 100 ? "a" : "b")}");
        var look = Look("a.csv", new() { Form = new() { Missing = ["-200"] } });

        var valid = 0;
        OwnReader.ReadRows(look.Files, look.Channels, null, look.Devices,
            (batch, row, _) => valid += batch.Columns[0].IsValid(row) ? 1 : 0);

        Assert.Equal(180, valid);
    }

    [Fact]
    public async Task A_class_that_hardly_lasts_for_a_window_is_named()
    {
        Write("a.csv", "time_ms,x,label",
            static i => $"{i * 20},{i % 7}.5,{(i % 500 is >= 240 and < 252 ? "rare" : i % 500 < 240 ? "a" : "b")}", rows: 2000);

        var run = await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv"), "--window", "1");

        Assert.Contains("noted     'rare' lasts for a window in 0 % of its rows: it is hardly learned", run.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("'a' lasts", run.Output, StringComparison.Ordinal);
    }

    /// <summary>Of each 8 windows of 50 rows, 25 apart, one has rows of two runs of 200: 29 of 239.</summary>
    [Theory]
    [InlineData("1", true)]
    [InlineData("row", false)]
    public async Task Windows_that_no_accuracy_counts_are_said_beside_it(string window, bool isSaid)
    {
        Write("a.csv", "time_ms,x,label",
            static i => $"{i * 20},{(i / 200 % 2 * 9) + (i % 7)}.5,{(i / 200 % 2 == 0 ? "a" : "b")}", rows: 6000);

        var run = await ToolRun.RunAsync("fit", "--csv", _folder.File("a.csv"), "--window", window, "--out", _folder.File("out"));

        Assert.Equal(0, run.ExitCode);
        foreach (var text in new[] { run.Output[run.Output.IndexOf("accuracy", StringComparison.Ordinal)..],
            await File.ReadAllTextAsync(_folder.File("out/report.html"), TestContext.Current.CancellationToken) })
        {
            Assert.Equal(isSaid, text.Contains("12 % of the windows have a change of label inside: they are neither learned from nor "
                + "judged", StringComparison.Ordinal));
        }
    }

    /// <summary>Three devices agree, and the fourth is the other way round.</summary>
    [Fact]
    public async Task An_interval_that_the_judge_refutes_is_not_printed()
    {
        foreach (var name in new[] { "d1", "d2", "d3", "d4" })
        {
            Write($"{name}.csv", "time_ms,x,label", i => FormattableString.Invariant(
                $"{i * 20},{((i / 200 % 2 == 0) == (name == "d4") ? 9 : 0) + (i % 7)}.5,{(i / 200 % 2 == 0 ? "a" : "b")}"), rows: 2000);
        }

        var run = await ToolRun.RunAsync("fit", "--csv", _folder.File("d?.csv"), "--device", "file", "--unseen", "d4", "--window", "row",
            "--model", "linear", "--out", _folder.File("out"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("of one device not used for learning, below the 0.9", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("of others like them", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("label")]
    [InlineData("device")]
    public async Task A_channel_with_a_name_of_another_meaning_is_refused(string name)
    {
        Write("a.csv", $"time_ms,{name},who,state", static i => $"{i * 20},{i % 7}.5{i % 9},p{i % 2},{(i < 100 ? "on" : "off")}");

        var run = await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv"), "--label", "state", "--device", "who");

        Assert.Equal(65, run.ExitCode);
        Assert.Contains($"column '{name}' has numbers to learn from", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_of_its_own_in_each_file_is_no_label_and_rows_may_be_watched()
    {
        foreach (var hive in (string[])["A", "B", "C"])
        {
            Write($"{hive}.csv", "time_ms,hive,kg", i => $"{i * 20},{hive},{i % 7}.5");
        }

        var look = Look("?.csv");

        Assert.Null(look.Label);
        Assert.Contains("streamlearn watch --csv ", LookText(look), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_are_of_the_devices_and_form_that_the_model_learned()
    {
        Write("a.csv", "time_ms,hive,x,label", static i =>
            $"{i / 2 * 20},h{i % 2},{(i % 20 == 3 ? "-200" : $"{(i / 200 % 2) * 9}.{i % 7}")},{(i / 200 % 2 == 0 ? "a" : "b")}",
            rows: 1600);
        string[] rows = ["--csv", _folder.File("a.csv")];
        await ToolRun.RunAsync(["fit", .. rows, "--label", "label", "--device", "hive", "--missing=-200", "--window", "row", "--out",
            _folder.File("out")]);

        var answer = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), .. rows]);

        Assert.StartsWith("device,", answer.Output, StringComparison.Ordinal);
        Assert.Contains("\nh1,", answer.Output, StringComparison.Ordinal);
        Assert.Equal(1520, answer.Output.Trim().Split('\n').Length - 1);
        Assert.Equal(1520, Table.Load(_folder.File("out/model.safetensors")).Answer(_folder.File("a.csv")).Length);
    }

    /// <summary>The printed next command names the files as those of learning: their labels are no column of the answers.</summary>
    [Fact]
    public async Task Files_whose_names_have_a_label_are_answered_each_as_a_device()
    {
        foreach (var (place, name) in new[] { "ann_rest", "ann_work", "ben_rest", "ben_work", "cid_rest", "cid_work" }.Index())
        {
            Write($"{name}.csv", "time_s,x,y", i => FormattableString.Invariant(
                $"{(i * 0.02) + (1000 * place):0.00},{(place % 2 * 3) + (i % 7)}.5,{i * i % 5}"), rows: 400);
        }

        var (files, model) = (_folder.File("{person}_{label}.csv"), _folder.File("out"));
        var fit = await ToolRun.RunAsync("fit", "--csv", files, "--device", "person", "--out", model);
        var answered = await ToolRun.RunAsync("answer", Path.Join(model, "model.safetensors"), "--csv", files, "--device", "file",
            "--out", _folder.File("answers.csv"));

        Assert.Equal((0, 0), (fit.ExitCode, answered.ExitCode));
        Assert.Equal(6, File.ReadLines(_folder.File("answers.csv")).Skip(1).Select(static l => l.Split(',')[0]).Distinct().Count());
    }

    [Fact]
    public void A_history_of_home_assistant_is_not_one_stream()
    {
        Write("a.csv", "entity_id,state,last_changed", static i => $"{(i % 3 == 0 ? "sensor.hum" : "sensor.temp")},"
            + FormattableString.Invariant($"{20 + (i % 7)}.5,2026-03-01T12:{i / 60:00}:{i % 60:00}.000Z"));

        Assert.Contains("--join entity_id", Look("a.csv").Pooled, StringComparison.Ordinal);
        Assert.Null(Look("a.csv", new() { Device = "entity_id" }).Pooled);
    }

    [Theory]
    [InlineData("time_ms,attribute,value", "{0},x,1.5\n{0},y,99.5", "rows of the same time differ in 'attribute' (x, y)")]
    [InlineData("time_ms,sensor_name,value", "{0}0,temp,20.{0}\n{0}5,hum,60.{0}", "'sensor_name' changes with nearly each row (hum, temp)")]
    public async Task Several_quantities_in_one_column_are_refused(string header, string rows, string expected)
    {
        Write("a.csv", header, i => string.Format(CultureInfo.InvariantCulture, rows, (i + 1) * 20));

        var (look, watch) = (await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv")),
            await ToolRun.RunAsync("watch", "--csv", _folder.File("a.csv")));

        Assert.Equal((65, 65), (look.ExitCode, watch.ExitCode));
        Assert.Contains(expected, look.Output, StringComparison.Ordinal);
        Assert.Contains(expected, watch.Error, StringComparison.Ordinal);
        Assert.Null(Look("a.csv", new() { Channels = ["value"] }).Pooled);
    }

    [Fact]
    public void Files_named_like_quantities_are_no_devices()
    {
        foreach (var name in (string[])["Accelerometer.csv", "Gyroscope.csv"])
        {
            Write(name, "time_ms,x,y,label", static i => $"{i * 20},{i % 7}.5,{i % 5}.5,{(i < 100 ? "sit" : "run")}");
        }

        Assert.Contains(Look("*.csv").Missing, static m => m.Contains("(accelerometer, gyroscope)", StringComparison.Ordinal));
        Assert.Empty(Look("*.csv", new() { Device = "file" }).Missing);
    }

    [Theory]
    [InlineData("time_ms,x,n,label", "{0},{0}.5,{1},{3}", "left out  'n': numbers such as ")]
    [InlineData("time,x,n,label", "46082.{0:00000},{0}.5,1,{3}", "MISSING   the unit of 'time': 46082 may be days")]
    [InlineData("time_ms,x,n,label", "{0},{2},1,{3}", "noted     left out ")]
    [InlineData("time_ms;x;n;label", "{0},{0}.5,1,{3}", "line 1 has names that ';' separates")]
    public async Task What_may_be_read_in_two_ways_is_said(string header, string row, string expected)
    {
        Write("a.csv", header, i => string.Format(CultureInfo.InvariantCulture, row, i * 20, Grouped(900 + (i * 3)),
            i % 9 == 1 ? "(1.5)" : $"{i % 7}.5", i < 200 ? "a" : "b"), rows: 400);

        var run = await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv"), "--label", "label");

        Assert.Contains(expected, run.Output + run.Error, StringComparison.Ordinal);

        static string Grouped(int number) => number < 1000 ? $"{number}"
            : FormattableString.Invariant($"{number / 1000}.{number % 1000:000}");
    }

    [Fact]
    public void A_date_beside_a_time_is_no_device()
    {
        Write("a.csv", "date,time,x,label", static i =>
            $"2026-03-0{1 + (i / 100)},12:0{i / 60 % 10}:{i % 60:00},{i % 7}.5,{(i % 80 < 40 ? "a" : "b")}");

        Assert.Equal("none", Look("a.csv").DeviceOption);
    }

    /// <summary>Windows, trials, seconds; and whole numbers that are none: a state, a count, one that falls.</summary>
    [Theory]
    [InlineData(true, 1), InlineData(true, 2), InlineData(true, 3)]
    [InlineData(false, 5), InlineData(false, 6), InlineData(false, 7)]
    public void Numbers_of_blocks_and_parts_of_clocks_are_no_inputs(bool isOne, int kind)
    {
        var random = new RandomStream(kind, "numbers");
        int[] counts = [.. Enumerable.Range(0, 1200).Select(_ => random.NextInt32(40))];
        Write("a.csv", "time_ms,x,n,label", i => $"{i * 20},{i * i % 7}.5,{Of(i)},{(i / 150 % 2 == 0 ? "sit" : "run")}", rows: 1200);

        Assert.Equal(isOne, !Look("a.csv").Channels.Any(static c => c.Source == "n"));

        int Of(int i) => kind switch
        {
            1 => i / 64,                                            // a window
            2 => (i / 100 * 7919 % 101),                            // a trial, with numbers by chance
            3 => i / 20 % 60,                                       // a second
            5 => i / 50 % 3,                                        // a state
            6 => counts[i],
            _ => i / 30 % 16 < 8 ? i / 30 % 8 : 8 - (i / 30 % 8),   // falls by ones, too
        };
    }

    [Fact]
    public async Task A_device_without_values_is_named_and_the_others_are_judged()
    {
        Write("a.csv", "time,id,temperature", static i => FormattableString.Invariant(
            $"2026-03-01T{i / 3600:00}:{i / 60 % 60:00}:{i % 60:00}Z,{Ids[i % 3]},")
            + (i % 3 == 2 ? "" : $"{20 + (i * i % 11)}.5"), rows: 3000);

        var run = await ToolRun.RunAsync("watch", "--csv", _folder.File("a.csv"), "--device", "id", "--out", _folder.File("scores.csv"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("99 has 0 rows with all values, and 40 are needed to learn from: it is not judged", run.Error,
            StringComparison.Ordinal);
        Assert.Contains("750 rows scored", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_on_change_are_said_and_taken_by_themselves()
    {
        var (at, random) = (0.0, new RandomStream(1, "steps"));
        Write("a.csv", "time_s,power,state", i => string.Create(CultureInfo.InvariantCulture,
            $"{at += Math.Exp(3 + (1.5 * random.NextGaussian())):0},{(i % 2 * 100) + (i % 7)}.5,")
            + (i / 8 % 2 == 0 ? "idle" : "heating"), rows: 400);

        var text = LookText(Look("a.csv"));

        Assert.Contains("noted     rows come irregularly, ", text, StringComparison.Ordinal);
        Assert.EndsWith("--window row\n", text, StringComparison.Ordinal);
    }

    private OwnColumns Look(string files, TableOptions? options = null) =>
        FirstLook.At((options ?? new()) with { Csv = _folder.File(files) });

    private static string LookText(OwnColumns look)
    {
        using var text = new StringWriter();
        Tool.LookText.Write(look, text);
        return text.ToString();
    }

    private void Write(string name, string header, Func<int, string> row, int rows = 200) =>
        File.WriteAllLines(_folder.File(name), [header, .. Enumerable.Range(0, rows).Select(row)]);
}
