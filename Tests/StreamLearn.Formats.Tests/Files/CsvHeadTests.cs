using System.IO.Compression;

namespace StreamLearn.Formats.Tests;

public sealed class CsvHeadTests : IDisposable
{
    private const string Rows = "2026-01-01T00:00:00Z,-0.5,1.5,walk\n2026-01-01T00:00:01Z,0.5,2.5,sit\n2026-01-01T00:00:02Z,1.5,3.5,walk\n";

    private readonly FileFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("time,x,y,state\n" + Rows, "time, x, y, state")]
    [InlineData("Logger 3\nserial,17\n\ntime,x,y,state\n" + Rows, "time, x, y, state")]
    [InlineData("# time,x,y,state\n" + Rows, "# time, x, y, state")]
    [InlineData("#a,long,false,false\n#b,,,\ntime,x,y,state\n" + Rows + "#a,long,false,false\n", "time, x, y, state")]
    [InlineData("time,x,y,state\n2026-01-01T00:00:00Z,1,2,walk,\n2026-01-01T00:00:01Z,1,2,walk,\n", "time, x, y, state")]
    [InlineData("time,x,y,state,\n2026-01-01T00:00:00Z,1,2,walk,\n2026-01-01T00:00:01Z,1,2,walk,\n", "time, x, y, state, ")]
    [InlineData(Rows, null)]
    [InlineData("5.1,3.5,setosa\n4.9,3.0,setosa\n6.2,3.4,virginica\n", null)]
    [InlineData("17:03,21.5 °C,a\n17:04,21.7 °C,b\n17:05,21.9 °C,a\n", null)]
    [InlineData("label,400,410\na,0.5,0.7\nb,0.4,0.1\n", "label, 400, 410", true)]
    [InlineData("room,1,2\n17,0.5,0.7\n18,0.4,0.1\n", "room, 1, 2")]
    [InlineData("a,b\nc,d\ne,f\n", "a, b")]
    public void The_line_of_names_is_found_by_its_cells(string text, string? names, bool? said = null)
    {
        var path = _folder.Write("a.csv", text);

        var head = CsvHead.Of(path, hasNames: said);

        CsvOptions options = new() { SkipLines = head.SkipLines, Header = head.HasNames, Comment = head.Comment, SkipBadRows = true };
        Assert.Equal(names, head.HasNames ? File.ReadAllLines(path)[head.SkipLines].Replace(",", ", ", StringComparison.Ordinal) : null);
        var rows = File.ReadAllLines(path).Skip(head.SkipLines).Count(l => l.Length > 0 && l[0] != head.Comment) - (head.HasNames ? 1 : 0);
        Assert.Equal(rows, FileFolder.Rows(p => p.FromCsv(path, options)).Count);
    }

    [Theory]
    [InlineData("time,x,y,id,state\n" + Rows, "line 1 has 5 names, 'time,x,y,id,state', and the rows below have 4 values")]
    [InlineData("x,y,state\n" + Rows, "line 1 has 3 names")]
    [InlineData("label,400,410\na,0.5,0.7\nb,0.4,0.1\n", "line 1 has numbers where names are usual")]
    public void Nothing_is_read_below_a_line_that_is_doubtful(string text, string expected)
    {
        var refused = Assert.Throws<FileRowsException>(() => CsvHead.Of(_folder.Write("a.csv", text)));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("hasNames", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("time x state\n0 1.5 walk\n1 2.5 sit\n", ' ')]
    [InlineData("time x\n0 1.5\n1 2.5\n", ',')]
    [InlineData("a note\ntime x state\n0 1.5 walk\n", ',')]
    [InlineData("time;what is it\n0;a b c\n1;d e f\n", ';')]
    public void Spaces_separate_values_where_each_line_has_as_many_and_nothing_else_does(string text, char delimiter) =>
        Assert.Equal(delimiter, CsvHead.Of(_folder.Write("a.txt", text)).Delimiter);

    [Fact]
    public void A_line_of_units_is_no_row_and_two_lines_of_names_are_refused()
    {
        Assert.Equal(1, CsvHead.Of(_folder.Write("units.csv", "time,x,y,state\nms,m,m,\n" + Rows)).TextLine);
        Assert.Null(CsvHead.Of(_folder.Write("plain.csv", "time,x,y,state\n" + Rows)).TextLine);
        Assert.Contains("lines 1 and 2 both have names", Assert.Throws<FileRowsException>(() =>
            CsvHead.Of(_folder.Write("two.csv", ",acc,acc,state\ntime,x,x,label\n".Replace("time", "x", StringComparison.Ordinal) + Rows)))
            .Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PAR1....", "Parquet: ")]
    [InlineData("\u0089HDF....", "HDF5: ")]
    [InlineData("MATLAB 5.0 MAT-file", "a MATLAB file: ")]
    [InlineData("MATLAB 7.3 MAT-file", "a MATLAB file: ")]
    [InlineData("\u00FF\u00FE\0\0a\0\0\0", "text in UTF-32: ")]
    [InlineData("12345678.FIT...", "a FIT activity: ")]
    [InlineData("SQLite format 3\0...", "an SQLite database: ")]
    [InlineData("RIFF....WAVEfmt ", "WAV sound: ")]
    [InlineData("PK\u0003\u0004................x.npy.", "an npz archive")]
    [InlineData("PK\u0003\u0004..............[Content_Types].xml", "a workbook: ")]
    [InlineData("\u0080\u0004pickle", "a Python pickle: ")]
    [InlineData("a,b\n1,\0\n", "no text, it has NUL bytes")]
    [InlineData("{\"x\":1}\n", "JSON: ")]
    [InlineData("{\"x\":1,\"y\":2}\n{\"x\":1,\"y\":2}\nboot,1\n{\"x\":1,\"y\":2}\n", "JSON: ")]
    [InlineData("{\n\"x\": [\n1,\n2\n]\n}\n", "JSON: ")]
    [InlineData("% by hand\n@relation a\n", "ARFF")]
    [InlineData("<?xml version='1.0'?>\n<a/>\n", "XML: ")]
    public void Other_kinds_of_files_are_named_with_what_to_do(string start, string expected)
    {
        var path = _folder.Of("a.bin");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(start));

        var refused = Assert.ThrowsAny<Exception>(() => CsvHead.Of(path));

        Assert.Contains($"the file is {expected}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_line_ends_and_a_zip_of_one_file_are_read_and_a_zip_of_two_is_not()
    {
        const string Text = "x,label\n1.5,a\n2.5,b\n";
        var old = _folder.Write("old.csv", Text.Replace('\n', '\r'));
        Assert.Equal(["1.5|0", "2.5|1"], FileFolder.Rows(p => p.FromCsv(old)));
        foreach (var count in (int[])[1, 2])
        {
            var path = _folder.Of($"{count}.zip");
            using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
            {
                for (var i = 0; i < count; i++)
                {
                    using var entry = new StreamWriter(archive.CreateEntry($"rows{i}.csv").Open());
                    entry.Write(Text);
                }
            }

            if (count == 1) { Assert.Equal(["1.5|0", "2.5|1"], FileFolder.Rows(p => p.FromCsv(path))); }
            else { Assert.Contains("2 files", Assert.ThrowsAny<Exception>(() => CsvHead.Of(path)).Message, StringComparison.Ordinal); }
        }
    }

    [Fact]
    public void Texts_of_rows_below_a_header_again_are_those_of_its_column()
    {
        var path = _folder.Write("a.csv", RestartTests.SeveralHeaders);

        var texts = CsvSurvey.Texts(path, ["label", "y"]);

        Assert.Equal(["a 3", "b 2"], texts[0].Select(static t => $"{t.Key} {t.Value}"));
        Assert.Equal(["1", "2", "4", "6", "8"], texts[1].Keys);
        Assert.Equal("x int32 [1]; y int32 [1]; label int32? [1], classes a|b", string.Join("; ", CsvSurvey.Columns(path)));
    }

    [Theory]
    [InlineData("1.915,64", true, 1915.64)]
    [InlineData("1.234.567", true, 1234567.0)]
    [InlineData("1,915.64", false, 1915.64)]
    [InlineData("1 915.5", false, 1915.5)]
    [InlineData("-1'234'567", false, -1234567.0)]
    [InlineData("21.3 °C", false, 21.3)]
    [InlineData("21,3°C", true, 21.3)]
    [InlineData("1.915", true, null)]       // may be a decimal point
    [InlineData("1,915", false, null)]
    [InlineData("12,915.5", true, null)]
    [InlineData("1,91.5", false, null)]
    [InlineData("21.3 °F", false, null)]
    public void Numbers_as_people_write_them_are_read_where_they_can_be_nothing_else(string text, bool isComma, double? expected)
    {
        var path = _folder.Write("a.csv", $"t [°C];n\n\"{text}\";1\n");
        CsvOptions options = new()
        {
            Delimiter = ';',
            DecimalComma = isComma,
            SkipBadRows = true,
            Columns = [FileColumn.Channel("t", new("Cel")), FileColumn.Channel("n")],
        };

        string[] rows = expected is { } value ? [string.Create(CultureInfo.InvariantCulture, $"{(float)value}|1")] : [];
        Assert.Equal(rows, FileFolder.Rows(p => p.FromCsv(path, options)));
    }

    [Theory]
    [InlineData("0.0", "0")]
    [InlineData(" run ", "run")]
    [InlineData("True", "true")]
    [InlineData("-2.00", "-2")]
    [InlineData("1.5", "1.5")]
    [InlineData("007", "007")]
    [InlineData("1.10", "1.10")]
    [InlineData(".0", ".0")]
    public void A_class_has_one_plain_text(string text, string plain) => Assert.Equal(plain, FileColumn.PlainText(text));
}
