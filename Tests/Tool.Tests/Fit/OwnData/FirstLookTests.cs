using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class FirstLookTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_say_what_label_device_and_time_are_and_numbers_are_channels()
    {
        var look = Look(Written("a.csv", "index,person,timestamp_ms,acc x [m/s^2],acc y [m/s^2],temp,activity", row =>
            $"{row},{(row < 20 ? "p2" : "p10")},{1000 + (row * 40)},0.5,{row}.25,21,{(row % 10 < 5 ? "walk" : "sit")}"));

        Assert.Equal("acc x float32? [m/s2]; acc y float32? [m/s2]; temp float32? [1]",
            string.Join("; ", look.Channels.Select(c => c.Field)));
        Assert.Equal(("activity", "person", 25.0), (look.Label, look.Device, look.Rate));
        Assert.Equal(TimeUnit.Milliseconds, look.Time!.TimeUnit);
        Assert.Equal(["sit", "walk"], look.Classes);
        Assert.Equal(["p10", "p2"], look.Devices);
        Assert.Empty(look.Missing);
        Assert.Contains(look.Reasons, r => r.StartsWith("left out  'index'", StringComparison.Ordinal));
        Assert.Equal($"--csv {look.Pattern} --label activity --device person", look.Options);
    }

    [Fact]
    public void A_name_may_have_its_unit_as_in_the_header()
    {
        var path = Written("a.csv", "when [s],unit no [1],wear [°C],speed [m/s^2],tag [x]",
            static r => $"{r * 0.5},{r % 2},{r}.5,{r % 7}.25,{(r < 20 ? "a" : "b")}");

        var value = Look(path, static o => o with
        {
            Target = "wear [°C]",
            Device = "unit no [1]",
            Time = "when [s]",
            Channels = ["speed [m/s2]", "wear [Cel]"],
        });

        Assert.Equal(("wear", "unit no", "when", "Cel"),
            (value.Target!.Source, value.Device, value.Time!.Source, value.Target.Field.Unit.Symbol));
        Assert.Equal(["speed"], value.Channels.Select(static c => c.Source));
        Assert.Equal("tag", Look(path, static o => o with { Label = "tag [x]" }).Label);
        Assert.Contains("there is no column 'wear [K]'", Assert.Throws<ProgramException>(
            () => Look(path, static o => o with { Target = "wear [K]" })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x,activity,weather", "'activity', by its name")]
    [InlineData("x,State of the pump,b", "'State of the pump', by its name")]
    [InlineData("x,kind", "'kind', the only column with few different values")]
    [InlineData("x,kind,b", null, "'kind' (2 values), 'b' (2 values)")]
    [InlineData("x,activity,state", null, "'activity' (2 values), 'state' (2 values)")]
    [InlineData("x,activity,anomaly#", null, "'activity' (2 values), 'anomaly' (2 values)")]
    [InlineData("x,kind1", null, "'kind1' (2 values)")]
    [InlineData("x,y#", null, "'y' (2 values)")]
    public void A_label_is_certain_only_where_one_column_may_be_it(string columns, string? expected, string candidates = "")
    {
        var names = columns.Split(',');
        var look = Look(Written("a.csv", "time_ms," + columns.Replace("#", "", StringComparison.Ordinal), r => $"{r * 20},{r % 7}.5,"
            + string.Join(',', names[1..].Select(n => n[^1] == '#' ? $"{r / 20}" : n == "kind1" ? $"p{r / 20}" : r < 20 ? "a" : "b"))));

        Assert.Equal(expected, LookAtLabels.Certain(look, out var found));
        if (expected is null) { Assert.Equal(candidates, found); }
    }

    [Theory]
    [InlineData("time,x,label", "2026-01-01T00:00:00.{0:00}Z,1.5,a", 100.0)]
    [InlineData("t;x;label", "{1};1.5;a", 50.0)]
    [InlineData("timestamp_us\tx\tlabel", "{2}\t1.5\ta", 8000.0)]
    public void Times_are_texts_or_numbers_of_any_unit_and_any_delimiter_will_do(string head, string row, double rate)
    {
        var look = Look(Written("a.csv", head, r =>
            string.Format(System.Globalization.CultureInfo.InvariantCulture, row, r, r * 0.02, r * 125)));

        Assert.Equal(rate, look.Rate!.Value, 3);
    }

    [Fact]
    public void Without_a_time_the_rate_is_missing_and_an_option_says_it()
    {
        var path = Written("a.csv", "x,label", r => $"{r % 7}.5,{(r % 2 == 0 ? "a" : "b")}");

        Assert.Contains("--rate", Assert.Single(Look(path).Missing), StringComparison.Ordinal);
        var said = Look(path, o => o with { RowsPerSecond = 12.5 });
        Assert.Equal((12.5, 0), (said.Rate, said.Missing.Length));
        Assert.EndsWith("--rate 12.5", said.Options, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, " --window row")]
    [InlineData(40, "")]
    public void Where_no_label_lasts_rows_are_taken_by_themselves(int rows, string option)
    {
        var look = Look(Written("a.csv", "time_ms,x,label", r => $"{r * 20},{r % 7}.5,{(r / rows % 2 == 0 ? "a" : "b")}", rows: 200));
        using var text = new StringWriter();

        Assert.Equal(0, LookText.Write(look, text));
        Assert.EndsWith($" --label label --device none{option}\n", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(option.Length > 0, text.ToString().Contains("each row is a sample by itself", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("when", "d/M/yyyy H-mm-ss.FFF", null)]
    [InlineData("when", null, "set --time-format")]
    [InlineData("time", "HH:mm", "a time: no value of 'time' can be read")]
    public void A_format_finds_the_times_that_are_written_so(string name, string? format, string? missing)
    {
        var look = Look(Written("a.csv", $"{name},x,label", static r => $"13/03/2026 12-00-{r:00}.000,{r % 7}.5,{(r < 20 ? "a" : "b")}"),
            o => o with { TimeFormat = format });

        Assert.Equal(missing is null ? 1 : null, look.Rate);
        if (missing is not null)
        {
            Assert.Contains(look.Missing.Concat(look.Reasons), m => m.Contains(missing, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_look_refuses_texts_of_another_encoding()
    {
        File.WriteAllBytes(_folder.File("a.csv"), [.. "time_ms,x,label\n"u8, .. Enumerable.Range(0, 40).SelectMany(static r =>
            System.Text.Encoding.Latin1.GetBytes($"{20 * r},{r % 7}.5,l\u00e4uft{r / 20}\n"))]);

        Assert.Contains("not in UTF-8: --encoding latin1",
            Assert.Throws<ProgramException>(() => Look(_folder.File("a.csv"))).Message, StringComparison.Ordinal);
    }

    /// <summary>A device stops after a second, another has a row every 2 s; y is the number of the class, ± 5 %.</summary>
    [Fact]
    public void A_look_says_what_fit_says_of_devices_without_a_window_and_of_what_tells_the_class()
    {
        var look = Look(Written("a.csv", "time_ms,device,x,y,label", static r => FormattableString.Invariant(
            $"{r % 400 * (r / 400 == 1 ? 2000 : 20)},d{r / 400},{r * r % 17}.{r % 7},")
            + FormattableString.Invariant($"{(1 + (r / 200 % 2)) * (0.95 + (r % 11 / 100.0)):0.000},{"ab"[r / 200 % 2]}"), rows: 1650));
        using var text = new StringWriter();

        Assert.Equal(0, LookText.Write(look, text, new(2)));

        string[] said = [.. text.ToString().Split('\n').Where(static l => l.StartsWith("  noted ", StringComparison.Ordinal))
            .Select(static l => l[12..])];
        Assert.Contains(said, static n => n.StartsWith("d1, d4: no rows of one label for a window", StringComparison.Ordinal));
        Assert.Contains(said, static n => n.StartsWith("'y' alone tells the class of each row", StringComparison.Ordinal));
        Assert.Contains(said, static n => n.Contains("% of the windows have a change of label inside", StringComparison.Ordinal));
        var fit = FitRoles.Of(OwnRows.Read(look), new() { WindowSeconds = 2 }).Notes;
        Assert.Equal(3, said.Intersect(fit).Count());
    }

    [Fact]
    public void Values_that_no_reading_has_are_missing_ones()
    {
        var look = Look(Written("a.csv", "time_ms,x,y,label", static r => $"{r * 20},{r % 7}.5,1e20,{(r < 100 ? "a" : "b")}", rows: 200));

        Assert.Equal(["x"], look.Channels.Select(static c => c.Source));
        Assert.Contains(look.Reasons, static r => r.StartsWith("left out  'y': 100 % of its values are missing", StringComparison.Ordinal));
    }

    [Fact]
    public void A_label_of_too_many_classes_is_none()
    {
        var look = Look(Written("a.csv", "time_ms,x,label", static r => $"{r * 20},1.5,c{r}", rows: 1025));

        Assert.Equal("a label with at most 1,024 classes: column 'label' has 1,025, --label names another", Assert.Single(look.Missing));
    }

    [Fact]
    public void A_rate_that_the_times_deny_is_refused()
    {
        var path = Written("a.csv", "time_ms,x,label", r => $"{r * 20},1.5,a");

        var refused = Assert.Throws<ProgramException>(() => Look(path, o => o with { RowsPerSecond = 25 }));

        Assert.Equal((65, "--rate: the times in column 'time_ms' say 50 rows a second, not 25: leave it out"),
            (refused.ExitCode, refused.Message));
    }

    [Fact]
    public void Several_files_are_devices_and_named_parts_of_their_names_too()
    {
        foreach (var name in new[] { "p1", "p2", "p10" })
        {
            Written($"{name}.csv", "time_ms,x,label", r =>
            $"{r * 20},1.5,{(r < 20 ? "a" : "b")}");
        }

        var files = Look(_folder.File("*.csv"));
        var parts = Look(_folder.File("{who}.csv"));

        Assert.True(files.FilePerDevice);
        Assert.Equal(["p1", "p10", "p2"], files.Devices);
        Assert.Equal(("who", true), (parts.Device, parts.DeviceIsPart));
        Assert.Equal(files.Devices, parts.Devices);
    }

    [Fact]
    public void Numbers_can_be_classes_and_stand_in_their_order()
    {
        var look = Look(Written("a.csv", "time_ms,x,class", r => $"{r * 20},1.5,{(r % 3 == 0 ? 10 : 9)}"));

        Assert.Equal(["9", "10"], look.Classes);
    }

    [Fact]
    public void Classes_that_come_late_in_the_file_are_found_too()
    {
        var path = Written("a.csv", "time_ms,x,activity", r => $"{r * 20},1.5,{(r == 79_999 ? "late" : r % 2 == 0 ? "a" : "b")}",
            rows: 80_000);

        Assert.Equal(["a", "b", "late"], Look(path).Classes);
    }

    [Fact]
    public void Decimal_commas_are_read_where_another_character_parts_values()
    {
        var path = Written("a.csv", "time_ms;x;label", r => $"{r * 20};{r % 7},5;{(r % 2 == 0 ? "a" : "b")}");

        var look = Look(path);

        Assert.Empty(look.Missing);
        Assert.Equal("x", Assert.Single(look.Channels).Source);
        Assert.Equal(1.5f, OwnRows.Read(look).Devices[0].Values[1]);
    }

    [Fact]
    public void The_only_other_column_of_texts_is_the_device_and_numbers_of_few_values_are_suggested_as_a_label()
    {
        var bench = Look(Written("a.csv", "time_ms,bench,x,label", r =>
            $"{r * 20},{(r < 20 ? "north" : "south")},1.5,{(r % 4 < 2 ? "a" : "b")}"));
        var flags = Look(Written("b.csv", "time_ms,x,Occupancy", r => $"{r * 20},1.5,{r % 2}"));

        Assert.Equal("bench", bench.Device);
        Assert.Contains("columns with few distinct values: Occupancy", Assert.Single(flags.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_the_same_name_in_two_folders_are_two_devices()
    {
        foreach (var folder in new[] { "a", "b" })
        {
            Directory.CreateDirectory(_folder.File(folder));
            Written($"{folder}/run.csv", "time_ms,x,label", r => $"{r * 20},1.5,{(r < 20 ? "a" : "b")}");
        }

        Assert.Equal(2, Look(_folder.File("*/run.csv")).Devices.Distinct().Count());
    }

    [Theory]
    [InlineData("nothing.csv", "there is no file")]
    [InlineData("no-match-*.csv", "no file matches")]
    public void What_is_not_there_is_one_line(string pattern, string expected)
    {
        var refused = Assert.Throws<ProgramException>(() => Look(_folder.File(pattern)));

        Assert.Equal(65, refused.ExitCode);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("--label: there is no column 'nope'", "nope", null)]
    [InlineData("--device: there is no column 'who'", "label", "who")]
    public void A_column_that_is_not_there_is_refused_with_those_that_are(string expected, string label, string? device)
    {
        var path = Written("a.csv", "time_ms,x,label", r => $"{r * 20},1.5,a");

        var refused = Assert.Throws<ProgramException>(() => Look(path, o => o with { Label = label, Device = device }));

        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("x", refused.Message, StringComparison.Ordinal);
    }

    private static OwnColumns Look(string pattern, Func<TableOptions, TableOptions>? change = null) =>
        FirstLook.At((change ?? (static o => o))(new() { Csv = pattern }));

    private string Written(string name, string head, Func<int, string> row, int rows = 40)
    {
        File.WriteAllLines(_folder.File(name), [head, .. Enumerable.Range(0, rows).Select(row)]);
        return _folder.File(name);
    }
}
