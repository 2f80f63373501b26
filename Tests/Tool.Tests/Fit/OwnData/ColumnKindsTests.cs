using System.IO.Compression;
using System.Text;
using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>Kinds of files that people really have: clocks under any name, lines before the header, spellings of times, wrong stamps, slow
/// channels, numbers for missing values.</summary>
public sealed class ColumnKindsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Two recordings, each with a clock or a counter beside its time: the columns say nothing of what was measured.</summary>
    [Theory]
    [InlineData("seconds_elapsed", 0.02, 0)]
    [InlineData("PacketCounter", 1, 256)]
    [InlineData("time left", -0.02, 0)]
    [InlineData("quux", 20, 0)]
    [InlineData("battery_uptime_ms", 20, 0)]
    public void A_column_that_rises_or_falls_in_nearly_every_row_is_no_input_whatever_its_name(string name, double step, int wraps)
    {
        foreach (var file in new[] { "a", "b" })
        {
            Write($"{file}.csv", $"time,{name},x,label", r =>
                $"{r * 20},{Text(wraps == 0 ? (r * step) + 7 : r % wraps)},{Noise(r)},{(r < 300 ? "on" : "off")}", 600);
        }

        var look = Look("*.csv");

        Assert.Equal(["x"], look.Channels.Select(static c => c.Source));
        Assert.Contains(look.Reasons, r => r.StartsWith($"left out  '{name}'", StringComparison.Ordinal));
        Assert.Equal([name, "x"], Look("*.csv", o => o with { Channels = [name, "x"] }).Channels.Select(static c => c.Source));
        Assert.EndsWith("--ignore x", Look("*.csv", static o => o with { Ignore = ["x"] }).Options, StringComparison.Ordinal);
    }

    /// <summary>Two recordings of a signal that goes back regularly; a short one beside them does not show it.</summary>
    [Theory]
    [InlineData(25, 0.04, 0.0)]
    [InlineData(100, -1.0, 0.0)]
    [InlineData(100, 1.0, 0.02)]
    [InlineData(250, 1.0, 0.0)]
    [InlineData(1000, 0.01, 0.0)]
    public void A_sawtooth_is_an_input(int period, double step, double noise)
    {
        var random = new RandomStream(period, "sawtooth");
        foreach (var (file, rows) in new[] { ("a", 4500), ("b", 4600), ("c", 120) })
        {
            Write($"{file}.csv", "time,wave,x,label", r => $"{r * 20},"
                + Text((((r + 7) % period) * step) + (random.NextDouble() < noise ? -3 * step : 0))
                + $",{Noise(r)},{(r < rows / 2 ? "on" : "off")}", rows);
        }

        Assert.Equal(["wave", "x"], Look("*.csv").Channels.Select(static c => c.Source));
    }

    /// <summary>What counts rows by one and wraps, what begins again now and then, and a clock by its name.</summary>
    [Theory]
    [InlineData(256, 0, true)]
    [InlineData(256, 50, true)]
    [InlineData(65_536, 0, true)]
    [InlineData(250, 0, false)]
    [InlineData(1000, 0, false)]
    public void A_counter_that_wraps_as_bytes_do_does_not_repeat(int wrap, int lostEvery, bool isCounter)
    {
        var count = new StepCount();
        for (var r = 0; r < 5 * wrap; r++)
        {
            if (lostEvery == 0 || r % lostEvery != 3) { count.Add(r % wrap); }
        }

        Assert.Equal((true, isCounter), (count.IsOneWay, count.Period is null));
        var restarted = new StepCount();
        foreach (var length in new[] { 300, 40, 700, 90, 1200 })
        {
            for (var r = 0; r < length; r++) { restarted.Add(r * 0.5); }
        }

        Assert.Equal((true, null), (restarted.IsOneWay, restarted.Period));
        Write("a.csv", "elapsed_ms,time,x,label", static r => $"{r % 100 * 20},{r * 20},{Noise(r)},{(r < 300 ? "on" : "off")}", 600);
        Assert.Equal(["x"], Look("a.csv").Channels.Select(static c => c.Source));
    }

    [Fact]
    public void Learning_says_which_numbers_are_left_out_and_the_option_that_keeps_them()
    {
        Write("a.csv", "time,n,x,y,slow,activity,activity_id", static r =>
            $"{r * 20},{r},{(r % 40 == 7 ? "-200" : Noise(r))},{Noise(r + 5)},"
            + $"{(r % 20 == 0 ? Noise(r) : "")},{(r / 300 % 2 == 0 ? "walk" : "run")},{(r / 300 % 2 == 0 ? 4 : 9)}", 1200);

        var notes = OwnFleet.Of(OwnRows.Read(Look("a.csv")), new() { From = new() { Csv = "a.csv", Label = "activity" } }).Notes;

        Assert.Equal(["left out 'n': looks like a clock or a counter; --channels includes it",
            "left out 'slow': 95 % of its values are missing; --channels includes it",
            "left out 'activity_id': the same as 'activity'; --channels includes it"], notes.Take(3));
        Assert.Contains(notes, static n => n.Contains("--missing -200", StringComparison.Ordinal));
        var many = string.Join(',', Enumerable.Range(0, 11).Select(static i => $"n{i}"));
        Write("b.csv", $"time,x,label,{many}", static r => $"{r * 20},{Noise(r)},{(r < 100 ? "on" : "off")},"
            + string.Join(',', Enumerable.Range(0, 11).Select(i => r + i)), 200);
        Assert.Contains("left out 3 more, which streamlearn look lists", Look("b.csv").Told);
    }

    [Theory]
    [InlineData("Zeit", "Gerät", "Zustand")]
    [InlineData("Zeitstempel", "Maschine", "Klasse")]
    [InlineData("Uhrzeit", "Person", "Aktivität")]
    [InlineData("Datum", "GERÄT", "AKTIVITÄT")]
    [InlineData("temps", "machine", "classe")]
    [InlineData("horodatage", "machine", "classe")]
    [InlineData("fecha", "person", "clase")]
    [InlineData("hora", "person", "estado")]
    [InlineData("tiempo", "person", "estado")]
    public void Times_devices_and_labels_are_found_by_German_French_and_Spanish_names(string time, string device, string label)
    {
        Write("a.csv", $"{time};x;{device};Ort;{label}", static r =>
            $"{r % 200 * 20};{Noise(r)};{r / 200};{"ab"[r % 2]};{r / 100 % 2}", 400);

        var look = Look("a.csv");

        Assert.Equal((time, device, label, 50), (look.Time?.Source, look.Device, look.Label, Math.Round(look.Rate!.Value)));
        Assert.Equal(["x"], look.Channels.Select(static c => c.Source));
    }

    [Fact]
    public void A_channel_that_rises_in_one_recording_alone_is_an_input()
    {
        Write("a.csv", "time,x,label", static r => $"{r * 20},{r * 3},{(r < 50 ? "on" : "off")}", 100);
        Write("b.csv", "time,x,label", static r => $"{r * 20},{Noise(r)},{(r < 50 ? "on" : "off")}", 100);

        Assert.Equal(["x"], Look("*.csv").Channels.Select(static c => c.Source));
    }

    [Theory]
    [InlineData("Arrival_Time", 1_700_000_000_000, 20, TimeUnit.Milliseconds)]
    [InlineData("loggingTime", 1_700_000_000, 0.02, TimeUnit.Seconds)]
    [InlineData("Time (s)", 1_700_000_000_000, 20, TimeUnit.Milliseconds)]
    [InlineData("recorded_at", 1_700_000_000_000_000, 20_000, TimeUnit.Microseconds)]
    [InlineData("elapsed (s)", 0, 0.02, TimeUnit.Seconds)]
    public void A_number_that_rises_is_a_time_by_a_word_of_its_name_or_by_its_dates(string name, double from, double step, TimeUnit unit)
    {
        Write("a.csv", $"{name};x;label", r => $"{Text(from + (r * step))};{Noise(r)};{(r < 50 ? "on" : "off")}", 100);

        var look = Look("a.csv");

        Assert.Equal((name, unit, 50), (look.Time?.Source, look.Time?.TimeUnit, Math.Round(look.Rate!.Value)));
    }

    [Fact]
    public void A_unit_that_cannot_be_is_asked_for_and_one_that_hardly_can_is_a_doubt()
    {
        Write("ns.csv", "Timestamp (ns);x;label", static r => $"{r / 50};{Noise(r)};{(r < 50 ? "on" : "off")}", 200);
        Write("ms.csv", "time (ms);x;label", static r => $"{Text(r * 0.02)};{Noise(r)};{(r < 50 ? "on" : "off")}", 200);

        Assert.Contains("--time-format s", Assert.Single(Look("ns.csv").Missing), StringComparison.Ordinal);
        Assert.Contains(Look("ms.csv").Reasons, static r => r.Contains("in seconds rows come 50 a second", StringComparison.Ordinal));
        Assert.Equal(50, Look("ms.csv", static o => o with { TimeFormat = "s" }).Rate!.Value, 6);
    }

    /// <summary>Lines that a logger writes of itself before the header, or a program for tables to say what separates values.</summary>
    [Theory]
    [InlineData("#Digital Oscilloscope\n#Device Name: A, B\n#\n", ",")]
    [InlineData("sep=;\n", ";")]
    [InlineData("Device: pump 7\nRate: 50 Hz\n\n", ",")]
    [InlineData("# written by a script\n# ", ",")]
    [InlineData("", "\t")]
    public void Lines_before_the_header_are_passed_over(string before, string delimiter)
    {
        var path = _folder.File("a.csv");
        File.WriteAllText(path, before + string.Join('\n', Enumerable.Range(-1, 101).Select(r => string.Join(delimiter, r < 0
            ? ["time", "x", "label"] : new[] { Text(r * 0.02), Noise(r), r < 50 ? "on" : "off" }))));

        var look = Look("a.csv");

        Assert.Equal(("time", "label", 50), (look.Time?.Source, look.Label, Math.Round(look.Rate!.Value)));
        Assert.Equal(100, OwnRows.Read(look).Devices.Sum(static d => d.Labels.Length));
    }

    [Theory]
    [InlineData("M/d/yyyy h:mm:ss.fff tt", "M/d/yyyy h:mm:ss.FFFFFFF tt")]
    [InlineData("dd.MM.yyyy HH:mm:ss,fff", "d.M.yyyy H:mm:ss,FFFFFFF")]
    [InlineData("yyyy-MM-ddTHH:mm:ss.fff+0100", null)]
    [InlineData("yyyy-MM-dd HH:mm:ss,fff", null)]
    [InlineData("HH:mm:ss.fff", "H:mm:ss.FFFFFFF")]
    public void Common_spellings_of_times_are_read(string written, string? expected)
    {
        var start = new DateTime(2023, 11, 14, 22, 13, 20);
        Write("a.csv", "time;x;label", r => $"{start.AddMilliseconds(20 * r).ToString(written, CultureInfo.InvariantCulture)};{Noise(r)};"
            + (r < 50 ? "on" : "off"), 100);

        var look = Look("a.csv");

        Assert.Equal(("time", expected, 50), (look.Time?.Source, look.Time?.TimeFormat, Math.Round(look.Rate!.Value)));
        Assert.Null(look.Device);
        Assert.Equal(100, OwnRows.Read(look).Devices[0].Parts.Single().Rows);
    }

    /// <summary>The third of April or the fourth of March: only an option can say.</summary>
    [Fact]
    public void Times_that_can_be_read_in_two_ways_or_none_are_named_so_and_are_no_device()
    {
        var start = new DateTime(2023, 4, 3, 22, 13, 20);
        Write("a.csv", "time;x;label", r =>
            $"{start.AddMilliseconds(20 * r):dd/MM/yyyy HH:mm:ss.fff};{Noise(r)};{(r < 50 ? "on" : "off")}", 100);

        var (look, said) = (Look("a.csv"), Look("a.csv", static o => o with { TimeFormat = "d/M/yyyy H:mm:ss.FFF" }));

        Assert.Null(look.Device);
        Assert.Contains("'time' is not readable", Assert.Single(look.Missing), StringComparison.Ordinal);
        Assert.Equal((50, 0), (said.Rate!.Value, said.Missing.Length));
        Assert.StartsWith("--time-format: expected", Assert.Throws<ProgramException>(
            () => Look("a.csv", static o => o with { TimeFormat = "q" })).Message, StringComparison.Ordinal);
    }

    /// <summary>A clock that is set late, or one that jumps ahead for a row.</summary>
    [Theory]
    [InlineData("1970-01-01T00:00:03Z")]
    [InlineData("2106-02-07T06:28:15Z")]
    public void A_wrong_stamp_costs_a_row_and_not_a_recording(string wrong)
    {
        var start = new DateTime(2023, 11, 14, 22, 13, 20);
        Write("a.csv", "time;x;label", r => (r % 40 == 39 ? wrong : $"{start.AddMilliseconds(20 * r):yyyy-MM-ddTHH:mm:ss.fff}Z")
            + $";{Noise(r)};{(r < 200 ? "on" : "off")}", 401);

        var look = Look("a.csv");
        var rows = OwnRows.Read(look);

        Assert.Equal(391, Assert.Single(rows.Devices[0].Parts).Rows);
        Assert.Contains(look.Noted, static n => n.StartsWith("10 of 401 rows have a time in 'time' far", StringComparison.Ordinal));
        Assert.Contains(rows.Notes, static n => n.StartsWith("10 rows with a time far", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_of_two_devices_that_no_column_tells_apart_are_not_taken_for_wrong_stamps()
    {
        Write("a.csv", "time;x;label", static r => $"{(r % 2 == 0 ? r : r + 100_000) * 10};{Noise(r)};{(r < 50 ? "on" : "off")}", 200);

        Assert.Contains("--device COLUMN", Assert.Single(Look("a.csv").Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slow_channel_is_left_out_with_its_share_and_a_number_for_missing_values_is_named()
    {
        Write("a.csv", "time,x,y,heart rate,label", static r => $"{r * 20},{(r % 40 == 7 ? "-200" : Noise(r))},{Noise(r + 5)},"
            + $"{(r % 20 == 0 ? Noise(r) : "")},{(r < 200 ? "on" : "off")}", 400);

        var (look, said) = (Look("a.csv"), Look("a.csv", static o => o with { Form = new() { Missing = ["-200.0"] } }));

        Assert.Equal(["x", "y"], look.Channels.Select(static c => c.Source));
        Assert.Contains("left out  'heart rate': 95 % of its values are missing; --channels includes it", look.Reasons);
        Assert.Contains(look.Reasons, static r => r.StartsWith("noted     -200 occurs 10 times in 'x',", StringComparison.Ordinal));
        Assert.DoesNotContain(said.Reasons, static r => r.Contains("-200", StringComparison.Ordinal));
        Assert.Equal(-200, OwnRows.Read(look).Devices[0].Values.Min());
        Assert.InRange(OwnRows.Read(said).Devices[0].Values.Min(), -10, 0);
    }

    /// <summary>Raw counts of a converter, or a counter: nobody takes them for texts.</summary>
    [Fact]
    public void A_whole_number_of_more_values_than_texts_are_told_apart_is_an_input_or_a_counter()
    {
        Write("a.csv", "time,adc,packets,label", static r => $"{r * 20},{r * 7919 % 12_007},{r},{(r < 6000 ? "on" : "off")}", 12_001);

        Assert.Equal(["adc"], Look("a.csv", static o => o with { Label = "label" }).Channels.Select(static c => c.Source));
        Assert.Equal(["adc"], Look("a.csv").Channels.Select(static c => c.Source));
        Assert.StartsWith("a label", Assert.Single(Look("a.csv", static o => o with { Ignore = ["label"] }).Missing),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_may_be_the_label()
    {
        foreach (var (name, shift) in new[] { ("walk", 0), ("run", 3) })
        {
            Directory.CreateDirectory(_folder.File(name));
            foreach (var who in new[] { "ann", "bob" })
            {
                Write($"{name}/{who}.csv", "time,x", r => $"{r * 20},{Noise(r + shift)}", 60);
            }
        }

        var rows = OwnRows.Read(Look("{label}/{person}.csv"));

        Assert.Equal(["run", "walk"], rows.Columns.Classes);
        Assert.Equal(["ann", "bob"], rows.Devices.Select(static d => d.Name));
        Assert.All(rows.Devices, static d => Assert.Equal(
            [(0, 60), (1, 60)], d.Labels.CountBy(static l => (int)l).Select(static c => (c.Key, c.Value))));
    }

    [Fact]
    public void Files_without_a_header_have_columns_by_number_and_those_in_UTF16_are_read()
    {
        var text = string.Join('\n', Enumerable.Range(0, 100).Select(static r =>
            $"{r * 20}%{Noise(r)}%{(r < 50 ? "on" : "off")}%{Noise(r + 9)}"));
        File.WriteAllText(_folder.File("a.csv"), text, Encoding.Unicode);

        var rows = OwnRows.Read(Look("a.csv", static o => o with
        {
            Label = "c2",
            Time = "c0",
            TimeFormat = "ms",
            Channels = ["c3"],
            Form = new() { Header = false, Delimiter = '%' },
        }));

        Assert.Equal((50, 100), (rows.Columns.Rate, rows.Devices[0].Labels.Length));
        Assert.Equal(float.Parse(Noise(9), CultureInfo.InvariantCulture), rows.Devices[0].Values[0]);
    }

    [Theory]
    [InlineData("windows-1252", 1252), InlineData("cp1252", 1252), InlineData("CP-1252", 1252), InlineData("utf-16", 1200)]
    [InlineData("UTF-16LE", 1200), InlineData("utf-16be", 1201), InlineData("utf8", 65001), InlineData("UTF-8-sig", 65001)]
    [InlineData("iso-8859-1", 28591), InlineData("Latin-1", 28591), InlineData("ISO_8859-1", 28591)]
    public async Task Encodings_have_the_names_that_people_use(string name, int page)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page);
        var text = page == 28591 ? "grün" : "grün „1 €“";
        await File.WriteAllBytesAsync(_folder.File("a.csv"), encoding.GetBytes("ms;x;label\n" + string.Join('\n',
            Enumerable.Range(0, 100).Select(r => $"{r * 20};{Noise(r)};{(r < 50 ? text : "rot")}"))),
            TestContext.Current.CancellationToken);

        var look = await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv"), "--encoding", name);

        Assert.Contains($"classes   2: {text}, rot", look.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("look", "--csv", "a.csv")]
    [InlineData("tap", "mqtt://host/a")]
    public async Task An_unknown_encoding_is_refused_with_those_that_are_known(params string[] words)
    {
        var run = await ToolRun.RunAsync([.. words, "--encoding", "klingon"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--encoding: expected one of utf-8, latin1, windows-1252, utf-16, utf-16-be, ", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_in_another_encoding_are_read_by_option()
    {
        File.WriteAllText(_folder.File("a.csv"), "Zeit;Temp [°C];label\n" + string.Join('\n',
            Enumerable.Range(0, 100).Select(static r => $"{r * 20};{Noise(r)};{(r < 50 ? "grün" : "rot")}")), Encoding.Latin1);

        var look = Look("a.csv", static o => o with { Form = new() { Encoding = Encoding.Latin1 } });

        Assert.Equal(("Temp", "Cel"), (Assert.Single(look.Channels).Source, look.Channels[0].Field.Unit.Symbol));
        Assert.Equal(["grün", "rot"], look.Classes);
        Assert.Equal([50, 50], OwnRows.Read(look).Devices[0].Labels.CountBy(static l => l).Select(static c => c.Value));
        Assert.EndsWith("--encoding latin1", look.Options, StringComparison.Ordinal);
        using (var packed = new GZipStream(File.Create(_folder.File("a.csv.gz")), CompressionLevel.Fastest))
        {
            packed.Write(File.ReadAllBytes(_folder.File("a.csv")));
        }

        Assert.Equal(["grün", "rot"], Look("a.csv.gz", static o => o with { Form = new() { Encoding = Encoding.Latin1 } }).Classes);
    }

    /// <summary>A device of one short file: a barrier would wait for it for ever.</summary>
    [Fact]
    public void A_device_without_a_window_counts_nothing()
    {
        for (var d = 0; d < 4; d++)
        {
            var from = 10_000 * d;
            Write($"p{d}.csv", "time,x,label", r => $"{r * 20},{Noise(r + from)},{(r / 300 % 2 == 0 ? "on" : "off")}", d == 2 ? 60 : 1200);
        }

        var fleet = OwnFleet.Of(OwnRows.Read(Look("p*.csv")), new() { From = new() { Csv = "p*.csv", Label = "label" } });

        Assert.DoesNotContain("p2", fleet.Devices.Concat(fleet.Unseen));
        Assert.Contains(fleet.Notes, static n => n.StartsWith("p2: no rows of one label for a window", StringComparison.Ordinal));
    }

    /// <summary>It would hold too few to learn from, and never send anything.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_of_few_windows_takes_no_part_in_a_fleet(bool alone)
    {
        for (var d = 0; d < 5; d++)
        {
            var from = 10_000 * d;
            Write($"p{d}.csv", "time,x,label", r => $"{r * 20},{Noise(from + r)},{(r / 300 % 2 == 0 ? "on" : "off")}", d == 1 ? 500 : 1200);
        }

        var fleet = OwnFleet.Of(OwnRows.Read(Look("p*.csv")),
            new() { From = new() { Csv = "p*.csv", Label = "label" }, Window = new(2), Alone = alone, Fleet = !alone });

        Assert.Equal(alone ? ["p0", "p1", "p2", "p3"] : ["p0", "p2", "p3"], fleet.Devices);
        Assert.Equal(!alone, fleet.Notes.Any(static n => n.StartsWith("p1: fewer than 10 windows", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("on", "off", "no device learns off, a class of unseen devices")]
    [InlineData("off", "on", "no device learns on, a class of unseen devices")]
    [InlineData("both", "on", "the unseen devices have rows of one class, on")]
    [InlineData("both", "both", null)]
    public void Judges_of_classes_that_say_little_are_named(string learned, string judged, string? expected)
    {
        static string Label(string kind, int row) => kind == "both" ? row / 300 % 2 == 0 ? "on" : "off" : kind;
        for (var d = 0; d < 5; d++)
        {
            var (from, kind) = (10_000 * d, d == 4 ? judged : learned);
            Write($"p{d}.csv", "time,x,label", r => $"{r * 20},{Noise(from + r)},{Label(kind, r)}", 1200);
        }

        var notes = OwnFleet.Of(OwnRows.Read(Look("p*.csv")),
            new() { From = new() { Csv = "p*.csv", Label = "label" }, Window = new(1), Unseen = "p4" }).Notes;

        Assert.Equal(expected is not null, notes.Any(n => n.StartsWith(expected ?? "nobody", StringComparison.Ordinal)
            || n.StartsWith("the unseen devices", StringComparison.Ordinal)));
    }

    private OwnColumns Look(string pattern, Func<TableOptions, TableOptions>? change = null) =>
        FirstLook.At((change ?? (static o => o))(new() { Csv = _folder.File(pattern) }));

    private void Write(string name, string head, Func<int, string> row, int rows) =>
        File.WriteAllLines(_folder.File(name), [head, .. Enumerable.Range(0, rows).Select(row)]);

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Noise(int seed) =>
        (3 * new RandomStream(seed, "noise").NextGaussian()).ToString("0.0000", CultureInfo.InvariantCulture);
}
