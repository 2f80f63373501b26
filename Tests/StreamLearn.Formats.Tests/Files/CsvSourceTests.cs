using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Formats.Tests;

public sealed class CsvSourceTests : IDisposable
{
    private static readonly CsvOptions TwoChannels = new() { Columns = [FileColumn.Channel("a"), FileColumn.Channel("b")] };

    private static readonly CsvOptions Words = new()
    {
        Columns = [FileColumn.Class("t", "x", "a,b", "say \"hi\"", "two\nlines", "two\r\nlines", " spaced "), FileColumn.Channel("n")],
    };

    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Columns_are_found_by_name_and_others_are_passed_over() =>
        Assert.Equal(["2|1", "5|4"], _folder.Csv("b,x,a\n1,text,2\n4,\"more, text\",5\n", TwoChannels));

    [Theory]
    [InlineData("t,n\nx,1\n", "0|1")]
    [InlineData("t,n\r\nx,1\r\n", "0|1")]
    [InlineData("t,n\nx,1", "0|1")]
    [InlineData("t,n\r\nx,1\r", "0|1")]
    [InlineData("\"t\",\"n\"\n\"x\",\"1\"\n", "0|1")]
    [InlineData("t,n\n\"a,b\",2\n", "1|2")]
    [InlineData("t,n\n\"say \"\"hi\"\"\",3\n", "2|3")]
    [InlineData("t,n\n\"two\nlines\",4\n", "3|4")]
    [InlineData("t,n\r\n\"two\r\nlines\",5\r\n", "4|5")]
    [InlineData("t,n\n spaced ,6\n", "5|6")]
    [InlineData("\uFEFFt,n\nx,1\n", "0|1")]
    [InlineData("\n\r\n  \nt,n\n\n   \nx,1\n\n", "0|1")]
    [InlineData("t,n\nx, 7 \n", "0|7")]
    public void Lines_are_read_as_the_standard_says(string text, string expected) => Assert.Equal([expected], _folder.Csv(text, Words));

    [Fact]
    public void Lines_of_both_kinds_may_be_mixed_and_a_last_line_needs_no_end() =>
        Assert.Equal(["1|2", "3|4", "5|6"], _folder.Csv("a,b\r\n1,2\n3,4\r\n5,6", TwoChannels));

    [Fact]
    public void Comments_and_other_delimiters_are_known()
    {
        const string Text = "# from the lab\na;b\n#1;2\n3;4\n";
        Assert.Equal(["3|4"], _folder.Csv(Text, TwoChannels with { Delimiter = ';', Comment = '#' }));
        Assert.Equal(["3|4"], _folder.Csv("a\tb\n3\t4\n", TwoChannels with { Delimiter = '\t' }));
        Assert.Equal(["3|4"], _folder.Csv("a b\n3 4\n", TwoChannels with { Delimiter = ' ' }));
    }

    [Fact]
    public void Decimal_commas_are_read_where_they_are_said_and_a_point_is_refused_then()
    {
        var commas = TwoChannels with { Delimiter = ';', DecimalComma = true, SkipBadRows = true };
        Assert.Equal(["3.5|-4", "0.25|1000"], _folder.Csv("a;b\n3,5;-4\n1.234;5\n,25;1,0e3\n6;7.5\n1,2,3;4\n", commas));
        Assert.Throws<ArgumentException>(() => _folder.Csv("a,b\n1,2\n", TwoChannels with { DecimalComma = true }));
    }

    [Fact]
    public void Without_a_header_columns_are_taken_in_their_order()
    {
        Assert.Equal(["1|2"], _folder.Csv("1,2\n", TwoChannels with { Header = false }));
        Assert.Equal(["1|2"], _folder.Csv("\uFEFF1,2\n", new() { Header = false }));
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("+1", 1)]
    [InlineData("-0.5", -0.5)]
    [InlineData(".5", 0.5)]
    [InlineData("-.5", -0.5)]
    [InlineData("5.", 5)]
    [InlineData("007", 7)]
    [InlineData("1e3", 1000)]
    [InlineData("1.5E-3", 0.0015)]
    [InlineData("5.e1", 50)]
    [InlineData("\"2.5\"", 2.5)]
    [InlineData("0.1000000000000000055511151231257827", 0.1)]
    public void Numbers_are_read_as_files_write_them(string text, double expected)
    {
        var rows = _folder.Csv($"v,w\n{text},{text}\n", new()
        {
            Columns = [FileColumn.Number("v", ColumnType.Float64), FileColumn.Channel("w")],
        });
        Assert.Equal(FormattableString.Invariant($"{expected:R}|{(float)expected:R}"), Assert.Single(rows));
    }

    [Fact]
    public void Numbers_have_the_bits_of_the_parser_of_NET() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).NonEmptyListOf().ToArbitrary(), values =>
        {
            var text = string.Join('\n', values.Select(v => FormattableString.Invariant($"{v:R},{(float)v:R}").Replace("E+", "e")));
            var kept = values.Where(v => float.IsFinite((float)v)).ToList();
            var path = _folder.Write("data.csv", $"v,w\n{text}\n");
            var rows = FileFolder.Rows(p => p.FromCsv(path, new()
            {
                Columns = [FileColumn.Number("v", ColumnType.Float64), FileColumn.Channel("w")],
                SkipBadRows = true,
            }));
            return rows.SequenceEqual(kept.Select(v => FormattableString.Invariant($"{v:R}|{(float)v:R}")));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void All_types_and_missing_values_are_read()
    {
        var options = new CsvOptions
        {
            Columns =
            [
                FileColumn.Time("at"), FileColumn.Channel("f", nullable: true), FileColumn.Number("d", ColumnType.Float64, nullable: true),
                FileColumn.Number("i", ColumnType.Int32, nullable: true), FileColumn.Number("l", ColumnType.Int64, nullable: true),
                FileColumn.Flag("on", nullable: true), FileColumn.Label("what", "walk", "run"),
            ],
        };
        var rows = _folder.Csv("""
            at,f,d,i,l,on,what
            1970-01-01T00:00:01Z,1.5,2.5,3,4000000000,true,run
            1970-01-01 00:00:02.000000001+00:00,,NA,NaN,null,,
            1970-01-01T01:00:03+01:00,-1,-2,-3,-4,0,walk
            """, options);

        Assert.Equal(["1000000000|1.5|2.5|3|4000000000|1|1", "2000000001||||||", "3000000000|-1|-2|-3|-4|0|0"], rows);
    }

    [Theory]
    [InlineData(TimeUnit.Seconds, "1700000000.25", 1_700_000_000_250_000_000)]
    [InlineData(TimeUnit.Milliseconds, "1700000000250", 1_700_000_000_250_000_000)]
    [InlineData(TimeUnit.Microseconds, "1700000000250000", 1_700_000_000_250_000_000)]
    [InlineData(TimeUnit.Nanoseconds, "1700000000250000000", 1_700_000_000_250_000_000)]
    [InlineData(TimeUnit.Iso8601, "2023-11-14T22:13:20.25", 1_700_000_000_250_000_000)]
    public void Times_are_read_in_their_unit(TimeUnit unit, string text, long expected) => Assert.Equal(
        [expected.ToString(CultureInfo.InvariantCulture)], _folder.Csv($"t\n{text}\n", new() { Columns = [FileColumn.Time("t", unit)] }));

    [Fact]
    public void A_rate_gives_times_over_all_files()
    {
        _folder.Write("1.csv", "a,b\n1,1\n2,2\n3,3\n");
        _folder.Write("2.csv", "a,b\n4,4\n");
        var rows = FileFolder.Rows(p => p.FromCsv(_folder.Of("?.csv"), TwoChannels with { SamplesPerSecond = 3, BatchRows = 2 }));
        Assert.Equal(["0|1|1", "333333333|2|2", "666666667|3|3", "1000000000|4|4"], rows);
    }

    [Fact]
    public void Files_come_in_ordinal_order_with_their_parts_as_columns_and_no_batch_spans_two()
    {
        foreach (var (person, run) in new[] { ("b", 10), ("a", 2), ("a", 10), ("B", 1) })
        {
            _folder.Write($"{person}/run-{run}.csv", $"a,b\n{run},0\n");
        }
        _folder.Write("a/.hidden.csv", "a,b\n99,0\n");
        var pattern = _folder.Of("{person}/run-{run}.csv");

        using var probe = new SourceProbe<Batch>(p => p.FromCsv(pattern, TwoChannels with { FileColumn = "file" }));
        Assert.Equal(["B", "a", "b"], FileSet.Find(pattern).TextsOf("person").AsSpan());
        Assert.Equal(["1", "10", "2"], FileSet.Find(pattern).TextsOf("run").AsSpan());
        Assert.Equal(["1|0|0|0|0", "10|0|1|1|1", "2|0|1|2|2", "10|0|2|1|3"], FileFolder.Rows(probe));
        Assert.Throws<FileNotFoundException>(() => FileSet.Find(_folder.Of("*.txt")));
        Assert.Throws<ArgumentException>(() => FileSet.Find(_folder.Of("**/x.csv")));
        Assert.Throws<ArgumentException>(() => FileSet.Find("{a}/{a}.csv"));
    }

    [Fact]
    public void A_compressed_file_gives_the_same_rows_also_in_several_members()
    {
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(i => FormattableString.Invariant($"{i},{i * 0.25}\n")));
        var plain = _folder.Csv($"a,b\n{text}", TwoChannels);
        byte[] members = [.. FileFolder.Zipped("a,b\n"u8.ToArray()), .. FileFolder.Zipped(Encoding.UTF8.GetBytes(text))];
        Assert.Equal(60_000, plain.Count);
        Assert.Equal(plain, FileFolder.Rows(p => p.FromCsv(_folder.Write("data.gz", members), TwoChannels)));
    }

    [Fact]
    public void Batches_have_so_many_rows_and_the_last_of_a_file_the_rest()
    {
        var path = _folder.Write("data.csv", "a,b\n1,1\n2,2\n3,3\n4,4\n5,5\n");
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(path, TwoChannels with { BatchRows = 2 }));
        List<int> rows = [];
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            rows.Add(batch.Rows);
        }
        Assert.Equal([2, 2, 1], rows);
        Assert.Throws<InvalidOperationException>(() => probe.Next());
    }

    [Fact]
    public void The_culture_of_the_program_changes_nothing()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NegativeSign) = (",", "~");
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            Assert.Equal(["-1.5|2000"], _folder.Csv("a;b\n-1.5;2e3\n", TwoChannels with { Delimiter = ';' }));
            Assert.Equal(["-1.5|2.25"], _folder.Csv("a;b\n-1.5;2.25\n", new() { Delimiter = ';' }));
        }
        finally { CultureInfo.CurrentCulture = before; }
    }
}
