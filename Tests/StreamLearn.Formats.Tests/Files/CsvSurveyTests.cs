namespace StreamLearn.Formats.Tests;

public sealed class CsvSurveyTests : IDisposable
{
    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Columns_are_found_from_the_first_rows()
    {
        var path = _folder.Write("data.csv", """
            stamp,ax [m/s^2],temp_C,T [°C],n,big,fine,on,label,room
            2026-01-01T00:00:00Z,0.5,20.5,1.5,3,5000000000,0.12345678901,true,walk,b
            2026-01-01T00:00:01Z,,21,2,4,1,2,false,,a
            """);

        var found = CsvSurvey.Columns(path);

        Assert.Equal(
            [
                "time int64 [ns] from 'stamp', Iso8601", "ax float32? [m/s2]", "temp_C float32 [1]", "T float32 [Cel]", "n int32 [1]",
                "big int64 [1]", "fine float64 [1]", "on int32 [1], flag", "label int32? [1], classes walk", "room int32 [1], classes a|b",
            ],
            found.Select(c => c.ToString()));
        Assert.Equal(
            ["1767225600000000000|0.5|20.5|1.5|3|5000000000|0.12345678901|1|0|1", "1767225601000000000||21|2|4|1|2|0||0"],
            FileFolder.Rows(p => p.FromCsv(path)));
    }

    [Fact]
    public void So_many_rows_are_looked_at_and_a_cut_row_is_not()
    {
        var path = _folder.Write("data.csv", "a\n1\n2.5\nx\n");
        Assert.Equal("a int32 [1]", CsvSurvey.Columns(path, new() { SurveyRows = 1 })[0].ToString());
        Assert.Equal("a float32 [1]", CsvSurvey.Columns(path, new() { SurveyRows = 2 })[0].ToString());
        var cut = _folder.Write("cut.csv", "a,b\n" + string.Concat(Enumerable.Repeat("1,2.5\n", 400_000)));
        Assert.Equal(["a int32 [1]", "b float32 [1]"], CsvSurvey.Columns(cut, new() { SurveyRows = 1_000_000 }).Select(c => $"{c}"));
    }

    [Fact]
    public void Classes_are_those_of_all_rows_of_all_files_and_a_label_may_be_named()
    {
        _folder.Write("p1/a.csv", "x,activity\n" + string.Concat(Enumerable.Repeat("1.5,walk\n", 2000)) + "2.5,run\n");
        _folder.Write("p2/a.csv", "x,activity\n0.5,sit\n");
        var pattern = _folder.Of("{person}/a.csv");

        Assert.Equal("activity int32 [1], classes run|sit|walk", CsvSurvey.Columns(pattern)[1].ToString());
        Assert.Equal("label int32? [1] from 'activity', classes run|sit|walk",
            CsvSurvey.Columns(pattern, new() { Label = "activity" })[1].ToString());
        Assert.Equal(["2.5|0|0", "0.5|1|1"], FileFolder.Rows(p => p.FromCsv(pattern, new() { Label = "activity" }))[^2..]);

        var numbers = _folder.Write("numbers.csv", "x,digit\n1.5,10\n1.5,9\n");
        Assert.Equal(["9", "10"], CsvSurvey.Columns(numbers, new() { Label = "digit" })[1].Classes);
        var refused = Assert.Throws<FileRowsException>(() => CsvSurvey.Columns(numbers, new() { Label = "gesture" }));
        Assert.Contains("'gesture'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_without_a_name_and_of_too_many_texts_are_left_out()
    {
        var path = _folder.Write("data.csv", "a,,b,note,\n" + string.Concat(Enumerable.Range(0, 10_002).Select(r => $"1,2,3,n{r},\n")));
        Assert.Equal(["a", "b"], CsvSurvey.Columns(path).Select(static c => c.Source));
        Assert.Equal("1|3", FileFolder.Rows(p => p.FromCsv(path))[0]);
    }

    [Theory]
    [InlineData("a,a\n1,2\n", "two columns are named 'a'")]
    [InlineData("a;b\n1;2\n", "Delimiter = ';'")]
    public void A_head_that_cannot_be_told_apart_is_refused_with_what_to_do(string text, string expected) => Assert.Contains(expected,
        Assert.Throws<FileRowsException>(() => CsvSurvey.Columns(_folder.Write("data.csv", text))).Message, StringComparison.Ordinal);

    [Fact]
    public void Too_many_columns_or_values_are_refused_and_other_encodings_are_read()
    {
        var narrow = _folder.Write("narrow.csv", "t,x\n1,2,3\n4,5,6\n");
        Assert.EndsWith("narrow.csv:2: expected 2 values in each row, one per header column, got 3",
            Assert.Throws<FileRowsException>(() => CsvSurvey.Columns(narrow, new() { SkipBadRows = true })).Message,
            StringComparison.Ordinal);
        var wide = _folder.Write("wide.csv", string.Join(',', Enumerable.Range(0, 1025).Select(static c => $"c{c}")) + "\n"
            + string.Join(',', Enumerable.Repeat("1", 1025)) + "\n");
        var utf16 = _folder.Write("utf16.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("a,b\n1,2\n")]);
        Assert.Contains("at most 1024", Assert.Throws<FileRowsException>(() => CsvSurvey.Columns(wide)).Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], CsvSurvey.Columns(utf16).Select(static c => c.Source));
        Assert.Equal(["1|2"], FileFolder.Rows(p => p.FromCsv(utf16)));
    }

    [Theory]
    [InlineData("14/3/2026 10:00:00", "15/3/2026 10:00:01", "d/M/yyyy H:mm:ss.FFFFFFF")]
    [InlineData("3/4/2026 10:00:00", "3/5/2026 10:00:01", null)]
    [InlineData("10:00:00.5 PM", "11:00:00 AM", "h:mm:ss.FFFFFFF tt")]
    [InlineData("Sat Mar 14 10:00:00 2026", "Sun Mar 15 10:00:00 2026", "ddd MMM d HH:mm:ss yyyy")]
    public void A_form_of_times_is_found_where_one_alone_fits(string first, string second, string? expected)
    {
        var columns = CsvSurvey.Columns(_folder.Write("data.csv", $"at;x\n{first};1\n{second};2\n"), new() { Delimiter = ';' });
        Assert.Equal((expected is null ? FileValue.Class : FileValue.Time, expected), (columns[0].Value, columns[0].TimeFormat));
    }

    [Fact]
    public void A_line_end_in_a_quoted_name_is_a_space()
    {
        var path = _folder.Write("data.csv", "t,\"inlet\r\n temperature\n[°C]\"\n1,2\n3,4\n");
        Assert.Equal(["t", "inlet temperature"], CsvSurvey.Columns(path).Select(static c => c.Source));
        Assert.Equal(["1|2", "3|4"], FileFolder.Rows(p => p.FromCsv(path)));
    }

    [Fact]
    public void Lines_before_the_header_are_passed_over_also_where_none_names_the_columns()
    {
        var path = _folder.Write("data.csv", "sep=;\nmade, by; a \"logger\nt;x\n1;2\n3;4\n");
        var options = new CsvOptions { Delimiter = ';', SkipLines = 2 };
        Assert.Equal(["t", "x"], CsvSurvey.Columns(path, options).Select(static c => c.Source));
        Assert.Equal(["1|2", "3|4"], FileFolder.Rows(p => p.FromCsv(path, options)));
        Assert.Equal(["1", "3"], CsvSurvey.Texts(path, ["t"], options)[0].Keys);
        var bare = options with { SkipLines = 3, Header = false, Columns = [FileColumn.Channel("c1")] };
        Assert.Equal(["2", "4"], FileFolder.Rows(p => p.FromCsv(path, bare)));
    }

    [Fact]
    public void A_number_for_a_missing_value_is_one_however_it_is_written()
    {
        var path = _folder.Write("data.csv", "x,y\n-200,1\n-200.00,2\n-2e2,3\n-200.5,4\n");
        var options = new CsvOptions { Missing = ["-200"], Columns = [FileColumn.Channel("x", nullable: true)] };
        Assert.Equal(["", "", "", "-200.5"], FileFolder.Rows(p => p.FromCsv(path, options)));
    }

    [Theory, InlineData(""), InlineData("a,b\n"), InlineData("a,b\n1\n"), InlineData("a,b\n1,\"2\n"), InlineData("a,b\n1,2\"\n")]
    public void What_does_not_say_its_columns_is_refused(string text)
    {
        var path = _folder.Write("data.csv", text);
        var refused = Assert.Throws<FileRowsException>(() => CsvSurvey.Columns(path));
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Equal(FileFault.BadHeader, refused.Row.Reason);
    }

    [Fact]
    public void A_row_of_another_width_is_passed_over_where_bad_rows_are()
    {
        var path = _folder.Write("data.csv", "a,b\n1,x\n1,2,3\n2,y\n");
        Assert.Equal(["a int32 [1]", "b int32 [1], classes x|y"],
            CsvSurvey.Columns(path, new() { SkipBadRows = true }).Select(c => $"{c}"));
    }

    /// <summary>Some texts among numbers are bad rows where these are left out. A few numbers among texts are names.</summary>
    [Fact]
    public void A_column_of_numbers_with_some_texts_is_one_of_numbers_where_bad_rows_are_left_out()
    {
        var rows = Enumerable.Range(1, 5000).Select(static r => FormattableString.Invariant(
            $"{(r is 100 or 140 ? "ERR" : Math.Sin(r).ToString("R", CultureInfo.InvariantCulture))},{(r % 3 == 0 ? "p" : r % 3)}"));
        var path = _folder.Write("motor.csv", string.Join('\n', rows.Prepend("ax,name")));
        Assert.Equal([(FileValue.Number, true), (FileValue.Class, false)],
            CsvSurvey.Columns(path, new() { SkipBadRows = true }).Select(static c => (c.Value, c.Classes.IsDefaultOrEmpty)));
        Assert.Equal([FileValue.Class, FileValue.Class], CsvSurvey.Columns(path).Select(static c => c.Value));
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused() => Assert.Throws<FileRowsException>(() => CsvSurvey.Columns(_folder.Of("none.csv")));

    [Fact]
    public void Texts_of_columns_are_counted_over_all_rows_of_all_files()
    {
        _folder.Write("a.csv", "\uFEFFwho,x [g],what\np1,1,walk\n\np2,2,\"sit, down\"\nbroken\np2,3,NA\n");
        _folder.Write("b.csv", "what,who\n" + string.Concat(Enumerable.Repeat("run,p3\n", 50_000)) + "late,p4");
        var found = CsvSurvey.Texts(_folder.Of("*.csv"), ["what", "who"]);
        Assert.Equal("late=1 run=50000 sit, down=1 walk=1", string.Join(' ', found[0].Select(t => $"{t.Key}={t.Value}")));
        Assert.Equal("p1=1 p2=2 p3=50000 p4=1", string.Join(' ', found[1].Select(t => $"{t.Key}={t.Value}")));
        Assert.Empty(CsvSurvey.Texts(_folder.Of("*.csv"), []));
    }

    [Fact]
    public void Texts_end_where_a_quote_is_never_closed_and_without_a_header_columns_are_numbered()
    {
        var open = _folder.Write("open.csv", "a,b\n1,x\n2,\"y\n3,z\n4,x\n");
        var bare = _folder.Write("bare.csv", "1;x\n2;y\n");
        Assert.Equal(["x", "z"], CsvSurvey.Texts(open, ["b"])[0].Keys);
        Assert.Equal(["x", "y"], CsvSurvey.Texts(bare, ["c1"], new() { Header = false, Delimiter = ';' })[0].Keys);
    }

    [Fact]
    public void A_column_that_is_not_there_or_has_too_many_texts_is_refused_by_name()
    {
        var path = _folder.Write("many.csv", "a\n" + string.Concat(Enumerable.Range(0, CsvSurvey.MaxTexts + 1).Select(n => $"t{n}\n")));
        Assert.Contains("'b', got a", Assert.Throws<FileRowsException>(() => CsvSurvey.Texts(path, ["b"])).Message,
            StringComparison.Ordinal);
        Assert.Contains("column 'a' has more", Assert.Throws<ArgumentException>(() => CsvSurvey.Texts(path, ["a"])).Message,
            StringComparison.Ordinal);
    }
}
