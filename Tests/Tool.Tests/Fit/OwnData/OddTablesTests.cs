using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class OddTablesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The heads of iris, wine and the houses of Boston as scikit-learn has them, and of tables that count nothing.</summary>
    [Theory]
    [InlineData("150,4,setosa,versicolor,virginica\n5.1,3.5,1.4,0.2,0\n4.9,3.0,1.4,0.2,0\n6.2,3.4,5.4,2.3,2", "c0, c1, c2, c3, c4", 3)]
    [InlineData("178,4,class_0\n14.2,1.7,2.4,15.6,0\n13.2,1.7,2.1,11.2,0\n13.1,2.3,2.6,18.6,1", "c0, c1, c2, c3, c4", 3)]
    [InlineData("506,3,,\nCRIM,ZN,RM,MEDV\n0.006,18,6.5,24\n0.02,0,6.4,21.6", "CRIM, ZN, RM, MEDV", 2)]
    [InlineData("a,b,c\n1,2,3\n4,5,6", "a, b, c", 2)]
    [InlineData("7,1,3\n1,2,3\n4,5,6", "c0, c1, c2", 3)]       // of which it is said that there is no header
    [InlineData("7,1.5\n1,2\n4,5", "c0, c1", 3)]
    public void A_line_that_counts_rows_and_columns_is_no_header_and_no_row(string text, string names, int rows)
    {
        File.WriteAllText(_folder.File("a.csv"), text + "\n");

        var files = new OwnCsv(_folder.File("a.csv"));

        Assert.Equal(names, string.Join(", ", files.Columns.Select(static c => c.Source)));
        Assert.Equal(rows, files.Texts([files.Columns[0].Source])[0].Values.Sum());
        Assert.Equal(names.StartsWith("c0", StringComparison.Ordinal), files.HeadNotes.Length > 0);
    }

    /// <summary>Libraries know no options.</summary>
    [Theory]
    [InlineData("x,y,state\n1,2,3,a\n2,3,4,b\n3,4,5,a", "remove that line and use --no-header, which names the columns c0 to c3")]
    [InlineData("label,400,410\na,0.5,0.7\nb,0.4,0.1", "--header takes them as names, --no-header as values")]
    [InlineData("x\0,y\0\n1,2", "--encoding utf-16 reads text in UTF-16")]
    [InlineData("ARROW1", "Arrow file: use --arrow")]
    public void What_helps_is_an_option(string text, string expected)
    {
        File.WriteAllText(_folder.File("a.csv"), text + "\n");

        var refused = Assert.Throws<ProgramException>(() => FirstLook.At(new() { Csv = _folder.File("a.csv") }));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A table sorted by the value: on its last fifth, all values are greater than any that was learned.</summary>
    [Fact]
    public async Task A_sorted_table_is_judged_on_blocks_spread_over_it_and_that_it_has_no_header_is_said()
    {
        var random = new RandomStream(1, "sorted");
        await File.WriteAllLinesAsync(_folder.File("s.csv"), Enumerable.Range(0, 500).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{(row % 7) + random.NextGaussian():0.000},{(row / 50.0) + (0.2 * random.NextGaussian()):0.000},"
                + $"{row}")), TestContext.Current.CancellationToken);
        string[] fit = ["fit", "--csv", _folder.File("s.csv"), "--window", "row", "--model", "linear", "--out", _folder.File("out")];

        var named = await ToolRun.RunAsync([.. fit, "--target", "c2"]);
        var run = await ToolRun.RunAsync([.. fit, "--target", "c2", "--no-header"]);

        Assert.Contains("noted    there is no header: columns are c0, c1, and so on", named.Output, StringComparison.Ordinal);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("judged on a fifth of the rows, in five blocks spread over them", run.Output, StringComparison.Ordinal);
        using var result = JsonDocument.Parse(
            await File.ReadAllTextAsync(_folder.File("out/result.json"), TestContext.Current.CancellationToken));
        Assert.Equal(100, result.RootElement.GetProperty("test_rows").GetInt32());
        Assert.InRange(result.RootElement.GetProperty("r2").GetDouble(), 0.95, 1);       // the mean of all is that of what judges
    }

    [Fact]
    public void A_number_that_stands_for_no_value_is_found_in_the_column_to_learn_too()
    {
        File.WriteAllLines(_folder.File("a.csv"), ["time_ms,x,life", .. Enumerable.Range(0, 200).Select(static row =>
            FormattableString.Invariant($"{row * 20},{row % 13}.5,{(row % 20 == 0 ? -999 : row % 37)}"))]);

        var look = FirstLook.At(new() { Csv = _folder.File("a.csv"), Target = "life" });

        Assert.Contains(look.Told, static t => t.StartsWith("-999 occurs 10 times in 'life'", StringComparison.Ordinal)
            && t.EndsWith("use --missing -999", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_look_takes_a_window_and_repeats_it()
    {
        File.WriteAllLines(_folder.File("a.csv"), ["x,label", .. Enumerable.Range(0, 50).Select(static row => $"{row % 7}.5,{row % 2}")]);

        var look = await ToolRun.RunAsync("look", "--csv", _folder.File("a.csv"), "--window", "row");

        Assert.Equal(0, look.ExitCode);         // without one, the rate would be missing
        Assert.Contains(" --window row\n", look.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_a_shell_put_in_the_place_of_a_pattern_are_told_from_a_mistake()
    {
        var run = await ToolRun.RunAsync("fit", "--csv", "data/a.csv", "data/b.csv", "data/c.csv", "--label", "x");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("streamlearn: --csv: expected one path or pattern, got data/a.csv and data/b.csv: quote a pattern, such as --csv "
            + "'data/*.csv', because the shell replaces it with file names (see --help)\n", run.Error);
    }

    /// <summary>Names in quotes are those of columns; the hint on times comes where rows have none.</summary>
    [Fact]
    public async Task Rows_may_have_names_in_quotes_and_a_gap_of_hours_begins_a_recording()
    {
        var model = _folder.File("out/model.safetensors");
        var rows = _folder.File("rows.csv");
        await File.WriteAllLinesAsync(rows, ["time_ms,v,kind", .. Enumerable.Range(0, 2000).Select(static r => string.Create(
            CultureInfo.InvariantCulture, $"{(r * 20L) + (r < 1000 ? 0 : 9_000_000)},{Math.Sin(r * (r / 200 % 2 == 0 ? 0.3 : 0.9)):0.0000},"
                + $"{"xy"[r / 200 % 2]}"))], TestContext.Current.CancellationToken);
        await ToolRun.RunAsync("fit", "--csv", rows, "--label", "kind", "--window", "1", "--model", "linear", "--out", _folder.File("out"));

        var answered = await ToolRun.RunAsync("answer", model, "--csv", rows);
        var live = await ToolRun.RunAsync("answer", model, "--command", $"head -60 {rows}");

        Assert.Contains("streamlearn: another recording begins at 1970-01-01T02:30:20.000Z, 2.5 h after the previous row\n", answered.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("no answers", answered.Error, StringComparison.Ordinal);
        Assert.Contains("use --time t:ms", live.Error, StringComparison.Ordinal);

        await ToolRun.RunAsync("fit", "--csv", rows, "--label", "kind", "--window", "row", "--channels", "v", "--model", "linear", "--out",
            _folder.File("out"));
        await File.WriteAllLinesAsync(rows, ["\"v\",\"more\"", "0.5,1"], TestContext.Current.CancellationToken);
        Assert.Equal(0, (await ToolRun.RunAsync("answer", model, "--rows", rows)).ExitCode);
    }
}
