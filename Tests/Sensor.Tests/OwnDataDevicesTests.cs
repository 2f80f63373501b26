using StreamLearn.Operators;

namespace Sensor.Tests;

public sealed class OwnDataDevicesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(400, true)]
    [InlineData(300, false)]
    public void Where_classes_are_uneven_the_file_says_that_they_count_as_often_as_they_come(int worn, bool adjusts)
    {
        File.WriteAllLines(_folder.File("u.csv"), ["t_ms,x,state",
            .. Enumerable.Range(0, 1000).Select(r => $"{r * 20},{r * 37 % 101},{(r < worn ? "worn" : "good")}")]);

        var text = CsvInit.Text(new() { Csv = _folder.File("u.csv") });

        Assert.Equal(!adjusts, text.Contains("buffer: 128, adjust_logits: false }   # true where", StringComparison.Ordinal));
        Assert.Equal(adjusts, Read(text).Learn.AdjustLogits);
    }

    [Theory]
    [InlineData(1_000, 8)]
    [InlineData(200_000, 1)]
    public void Where_windows_are_few_the_file_says_that_each_is_learned_from_several_times(int rows, int steps)
    {
        File.WriteAllLines(_folder.File("f.csv"), ["t_ms,x,state",
            .. Enumerable.Range(0, rows).Select(static r => $"{r * 20},{r * 37 % 101},{(r / 60 % 2 == 0 ? "worn" : "good")}")]);

        var config = Read(CsvInit.Text(new() { Csv = _folder.File("f.csv") }));

        Assert.Equal((steps, 4 * steps), (config.Learn.StepsPerWindow, config.Exchange.StepsPerUpdate));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Devices_of_one_class_each_do_not_learn_as_if_classes_were_equally_frequent(int devices, bool adjusts)
    {
        File.WriteAllLines(_folder.File("o.csv"), ["t_ms,machine,x,state", .. Enumerable.Range(0, 2000).Select(
            r => $"{r / devices * 20},m{r % devices},{r * 37 % 101},{(r % 2 == 0 ? "worn" : "good")}")]);

        var text = CsvInit.Text(new() { Csv = _folder.File("o.csv") });

        Assert.Equal(adjusts, Read(text).Learn.AdjustLogits);
        Assert.Equal(!adjusts, text.Contains("# classes   each device has rows of one", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_of_the_devices_of_another_program_are_no_faults()
    {
        WrittenRows.Commas(_folder.File("c.csv"), 1200);
        var text = CsvInit.Text(new() { Csv = _folder.File("c.csv") });
        var (output, error) = (new StringWriter(), new StringWriter());
        var one = Read(text.Replace("device: { column: machine }", "device: { column: machine, values: [m 1] }", StringComparison.Ordinal));

        await OnceCommand.RunAsync(one, rows: 1, TimeSpan.FromSeconds(60), output, error);

        Assert.Contains("1 device; ", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("unknown-class", output.ToString(), StringComparison.Ordinal);
        Assert.Equal("", error.ToString());
    }

    [Fact]
    public async Task Rows_of_a_column_are_parted_by_device_with_decimal_commas_and_classes()
    {
        WrittenRows.Commas(_folder.File("c.csv"), 1200);
        var config = Read(CsvInit.Text(new() { Csv = _folder.File("c.csv") }));

        var devices = SensorDevices.Measured(config, static _ => null, []);
        var rows = await Task.WhenAll(devices.Select(RowsOfAsync));

        Assert.Equal(["m-1", "m-2"], devices.Select(static d => d.Name));
        Assert.Equal(["time", "p", "temp", "label", "segment"], rows[0][0].Names);
        Assert.All(rows, static r => Assert.Equal(1200, r.Count));
        var lines = File.ReadLines(_folder.File("c.csv")).Skip(1).Take(2);
        Assert.Equal(lines.Select(static l => l.Split(';')[3].Replace(',', '.')), rows.Select(static r => $"{r[0].First:0.000}"));
        Assert.Equal([0, 2, 1], config.Columns.Label!.Classes.Select(static c => Array.IndexOf(["idle", "on", "off"], c)).ToArray());
        Assert.Equal(600, rows[0].Count(r => r.Label == config.Columns.Label.Classes.IndexOf("off")));
    }

    [Theory]
    [InlineData("{ each: file }", "*.csv", "a,b")]
    [InlineData("{ part: who }", "{who}.csv", "a,b")]
    [InlineData("{ name: all }", "*.csv", "all")]
    public async Task Files_are_devices_or_parts_of_one(string device, string pattern, string names)
    {
        WrittenRows.Plain(_folder.File("a.csv"), 700);
        WrittenRows.Plain(_folder.File("b.csv"), 800, seed: 2);
        var config = Read(CsvInit.Text(new() { Csv = _folder.File("a.csv") })
            .Replace(_folder.File("a.csv"), _folder.File(pattern), StringComparison.Ordinal)
            .Replace("{ name: device }", device, StringComparison.Ordinal));

        var devices = SensorDevices.Measured(config, static _ => null, []);
        var rows = await Task.WhenAll(devices.Select(RowsOfAsync));

        Assert.Equal(names.Split(','), devices.Select(static d => d.Name));
        Assert.Equal(names == "all" ? [1500] : [700, 800], rows.Select(static r => r.Count));
    }

    [Theory]
    [InlineData(1800, 2000, "stuck: 500h", "x: { stuck: 2000h }   # its value stays the same for 2,000 rows")]
    [InlineData(60, 2000, "stuck: 24h", "x: { stuck: 67h }   # its value stays the same for 2,000 rows")]
    [InlineData(1, 2000, "stuck: 24h", "x: {}")]
    public async Task Slow_rows_that_stay_the_same_are_good(int step, int still, string general, string own)
    {
        File.WriteAllLines(_folder.File("a.csv"), ["t,x,y,state", .. Enumerable.Range(0, 4000).Select(i => FormattableString.Invariant(
            $"{DateTime.UnixEpoch.AddSeconds(i * step):s}Z,{(i < still ? 0 : Math.Sin(i)):0.000},{Math.Cos(i):0.000},")
                + (i / 100 % 2 == 0 ? "open" : "shut"))]);

        var text = CsvInit.Text(new() { Csv = _folder.File("a.csv") });
        var rows = await RowsOfAsync(Assert.Single(SensorDevices.Measured(Read(text), static _ => null, [])));

        Assert.Contains($"- check: {{ {general} }}", text, StringComparison.Ordinal);
        Assert.Contains($"  {own}\n", text, StringComparison.Ordinal);
        Assert.Equal(4000, rows.Count);
    }

    [Theory]
    [InlineData("csv: { files: a.csv, device: { name: a }, rate: 50/s }", 5)]
    [InlineData("csv: { files: a.csv, device: { name: a }, rate: 0.1/s }", 1000)]
    [InlineData("csv: { files: a.csv, device: { name: a } }", 86_400)]
    [InlineData("mqtt: { url: mqtt://x, topic: a, devices: [a], rate: 2/s }", 50)]
    public void A_channel_may_stand_still_for_a_number_of_rows(string source, int seconds)
    {
        var read = Read($$"""
            streamlearn: 1
            fleet: plant
            link: { url: nats://edge-1 }
            source: { {{source}} }
            columns: { t: { time: ms }, x: {}, state: { label: [good, worn] } }
            pipeline: [ { check: }, { window: }, { learn: } ]
            """);

        Assert.Equal(TimeSpan.FromSeconds(seconds), read.Check.Stuck);
    }

    [Theory]
    [InlineData("50/s", false)]         // in one file, whose times begin anew
    [InlineData("50/s", true)]
    [InlineData(null, false)]
    [InlineData(null, true)]
    public async Task Recordings_one_after_another_lose_no_row_and_no_window_spans_two(string? rate, bool isTwoFiles)
    {
        WrittenRows.Plain(_folder.File("a.csv"), 700);
        WrittenRows.Plain(_folder.File("b.csv"), 800, seed: 2);
        File.AppendAllLines(_folder.File("a.csv"), isTwoFiles ? [] : File.ReadLines(_folder.File("b.csv")).Skip(1));
        var text = CsvInit.Text(new() { Csv = _folder.File("a.csv") });
        Assert.Contains("rate: 50/s", text, StringComparison.Ordinal);
        text = text.Replace(_folder.File("a.csv"), _folder.File(isTwoFiles ? "*.csv" : "a.csv"), StringComparison.Ordinal);
        var device = Assert.Single(SensorDevices.Measured(
            Read(rate is null ? text.Replace("rate: 50/s", "", StringComparison.Ordinal) : text), static _ => null, []));

        var rows = await RowsOfAsync(device);

        Assert.Equal(1500, rows.Count);
        var place = Array.IndexOf(rows[0].Names, device.Segment);
        Assert.Equal([700, 800], rows.CountBy(r => r.Numbers[place]).Select(static n => n.Value));
        Assert.All(rows.Zip(rows.Skip(1)), static pair => Assert.True(pair.First.Numbers[0] < pair.Second.Numbers[0]));
    }

    [Fact]
    public void A_file_without_a_column_or_in_another_unit_is_refused_before_anything_runs()
    {
        WrittenRows.Plain(_folder.File("a.csv"), 700);
        var text = CsvInit.Text(new() { Csv = _folder.File("a.csv") });

        var missing = Assert.Throws<FormatException>(() =>
            SensorDevices.Measured(Read(text.Replace("vib y", "vib z", StringComparison.Ordinal)), static _ => null, []));
        var unit = Assert.Throws<FormatException>(() =>
            SensorDevices.Measured(Read(text.Replace("m/s2", "gn", StringComparison.Ordinal)), static _ => null, []));

        Assert.Contains("expected one column 'vib z', got t_ms, vib x, vib y, condition", missing.Message, StringComparison.Ordinal);
        Assert.Contains("column 'vib x' is in m/s2, but 'columns' has gn", unit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_whose_rows_are_all_gaps_at_the_rate_of_the_others_is_named_at_the_top()
    {
        Rows("taxi", 1800, 100);
        Rows("meter", 300, 400);
        Rows("valve", 900, 100);

        var text = CsvInit.Text(new() { Csv = _folder.File("*.csv") });

        Assert.Contains("# rows of taxi come every 1800 s, and more than 1050 s is a gap at the rate of the others: "
            + "a window never fills; use a separate configuration for it\n# channels ", text, StringComparison.Ordinal);
        Assert.Contains("rate: 0.003333/s", text, StringComparison.Ordinal);
        Assert.DoesNotContain("rows of valve", text, StringComparison.Ordinal);

        void Rows(string name, int step, int count) => File.WriteAllLines(_folder.File($"{name}.csv"), ["t,x,state",
            .. Enumerable.Range(0, count).Select(i => FormattableString.Invariant(
                $"{DateTime.UnixEpoch.AddSeconds(i * step):s}Z,{i * 37 % 101},{(i / 20 % 2 == 0 ? "open" : "shut")}"))]);
    }

    [Fact]
    public void A_slow_device_of_a_column_is_named_too()
    {
        File.WriteAllLines(_folder.File("a.csv"), ["t_s,machine,x,state", .. Enumerable.Range(0, 400).SelectMany(static i =>
            (string[])[$"{i},m-1,{i * 37 % 101},open", .. i % 10 == 0 ? [$"{i},m-2,{i * 37 % 101},shut"] : (string[])[]])]);

        Assert.Contains("# rows of m-2 come every 10 s, and more than 3.5 s is a gap at the rate of the others: a window never fills; ",
            CsvInit.Text(new() { Csv = _folder.File("a.csv") }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_with_a_word_of_a_label_is_one_and_other_columns_of_few_texts_are_offered()
    {
        File.WriteAllLines(_folder.File("a.csv"), ["t_ms,x,Operator,Night shift,State of the pump,note",
            .. Enumerable.Range(0, 400).Select(static i => $"{i * 20},{i * 37 % 101},{(i % 2 == 0 ? "ann" : "bob")},"
                + $"{(i % 3 == 0 ? "a" : "b")},{(i / 100 % 2 == 0 ? "open" : "shut")},same")]);

        var text = CsvInit.Text(new() { Csv = _folder.File("a.csv") });

        Assert.Contains("# label     'State of the pump': by a word in its name\n", text, StringComparison.Ordinal);
        Assert.Contains("\n  \"State of the pump\": { label: [open, shut] }\n", text, StringComparison.Ordinal);
        Assert.Contains("# left out  'Operator': 2 values; --label Operator makes it the label\n", text, StringComparison.Ordinal);
        Assert.Contains("# left out  'Night shift': 2 values; --label 'Night shift' makes it the label\n", text, StringComparison.Ordinal);
        Assert.Contains("# left out  'note': it is not numeric\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(";", "semicolon")]
    [InlineData("\t", "tab")]
    [InlineData("|", "bar")]
    public void A_file_with_another_delimiter_is_refused_with_the_key_that_says_it(string delimiter, string word)
    {
        var path = _folder.File("a.csv");
        WrittenRows.Plain(path, 700);
        var config = Read(CsvInit.Text(new() { Csv = path }));
        File.WriteAllText(path, File.ReadAllText(path).Replace(",", delimiter, StringComparison.Ordinal));

        var refused = Assert.Throws<FormatException>(() => SensorDevices.Measured(config, static _ => null, []));

        Assert.EndsWith($": set delimiter: {word}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Delimiter =", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What a logger writes before its header, times of its own spelling, and a number that stands for none.</summary>
    [Fact]
    public async Task A_file_as_a_logger_writes_it_is_read_by_the_configuration_that_was_written_for_it()
    {
        var start = new DateTime(2026, 3, 14, 22, 0, 0);
        File.WriteAllText(_folder.File("a.csv"), "sep=;\ntime;x;packets;state\n" + string.Concat(Enumerable.Range(0, 700).Select(i =>
            FormattableString.Invariant($"{start.AddMilliseconds(20 * i):d/M/yyyy h:mm:ss.fff tt};")
            + $"{(i % 50 == 3 ? "-200" : $"{i % 7},5")};{i};{(i / 350 == 0 ? "open" : "shut")}\n")));

        var text = CsvInit.Text(new() { Csv = _folder.File("a.csv"), Form = new() { Missing = ["-200"] } });
        var rows = await RowsOfAsync(SensorDevices.Measured(Read(text), static _ => null, []).Single());

        Assert.Contains("    skip: 1 ", text, StringComparison.Ordinal);
        Assert.Contains("    missing: [\"-200\"]\n", text, StringComparison.Ordinal);
        Assert.Contains("time: { time: \"d/M/yyyy h:mm:ss.FFFFFFF tt\" }", text, StringComparison.Ordinal);
        Assert.Contains("# left out  'packets': looks like a clock or a counter", text, StringComparison.Ordinal);
        Assert.Equal(686, rows.Count);
        var point = Read(text.Replace("    decimal: comma", "    decimal: point", StringComparison.Ordinal));
        Assert.Contains("column 'x' has a decimal comma, '0,5': set source.csv.decimal: comma",
            Assert.Throws<FormatException>(() => SensorDevices.Measured(point, static _ => null, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_an_option_can_say_is_asked_for()
    {
        File.WriteAllLines(_folder.File("a.csv"), ["x,y", .. Enumerable.Range(0, 50).Select(static i => $"{i % 3}.5,{i % 7}.25")]);

        var refused = Assert.Throws<FormatException>(() => CsvInit.Text(new TableOptions { Csv = _folder.File("a.csv") }));

        Assert.Contains("--label COLUMN", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--rate", refused.Message, StringComparison.Ordinal);
    }

    private static SensorConfig Read(string text) => ConfigTree.Parse("f.yaml", text).Read(SensorConfig.Read).Value;

    private static async Task<List<SeenRow>> RowsOfAsync(MeasuredDevice device)
    {
        List<SeenRow> rows = [];
        await Pipeline.Define("rows", p =>
        {
            var (good, faulty) = device.Measure(p).CheckQuality(device.Quality);
            faulty.Discard();
            good.ForEach("see", batch =>
            {
                for (var row = 0; row < batch.Rows; row++)
                {
                    rows.Add(new([.. batch.Schema.Fields.Select(static f => f.Name)], batch.Columns[1].Values<float>()[row],
                        batch["label"].Values<int>()[row], [.. batch.Schema.Fields.Select((_, c) => Number(batch.Columns[c], row))]));
                }
            });
        }).RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        return rows;
    }

    private static long Number(Column column, int row) => column.Field.Type switch
    {
        ColumnType.Int64 => column.Values<long>()[row],
        ColumnType.Int32 => column.Values<int>()[row],
        _ => 0,
    };

    private sealed record SeenRow(string[] Names, float First, int Label, long[] Numbers);
}
