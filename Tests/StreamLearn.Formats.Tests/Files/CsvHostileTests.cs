namespace StreamLearn.Formats.Tests;

/// <summary>Files that are wrong, on purpose or not.</summary>
public sealed class CsvHostileTests : IDisposable
{
    private static readonly CsvOptions Options = new()
    {
        Columns = [FileColumn.Channel("a"), FileColumn.Class("t", "x", "y"), FileColumn.Channel("m", nullable: true)],
    };

    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Texts_that_come_later_get_a_place_where_they_may()
    {
        var path = _folder.Write("data.csv", "t\nx\nz\ny\nz\n\"z\"\nlast\nx\n");
        List<RefusedRow> refused = [];
        List<string> later = [];

        var rows = await FileFolder.PlayAsync(path, new CsvOptions
        {
            Columns =
            [
                FileColumn.Class("t", "x") with
                {
                    PlaceOf = text =>
                    {
                        if (later.Count == 2) { return -1; }
                        later.Add(text);
                        return later.Count;
                    },
                },
            ],
        }, refused);

        Assert.Equal(["0", "1", "2", "1", "1", "0"], rows);
        Assert.Equal(["z", "y"], later);
        Assert.Equal((7, FileFault.UnknownClass), (Assert.Single(refused).Line, refused[0].Reason));
    }

    [Theory]
    [InlineData("1,x", FileFault.WrongWidth, null)]
    [InlineData("1,x,2,3", FileFault.WrongWidth, null)]
    [InlineData("1", FileFault.WrongWidth, null)]
    [InlineData(",x,2", FileFault.MissingValue, "a")]
    [InlineData("NaN,x,2", FileFault.MissingValue, "a")]
    [InlineData("1,,2", FileFault.MissingValue, "t")]
    [InlineData("one,x,2", FileFault.WrongType, "a")]
    [InlineData("1.2.3,x,2", FileFault.WrongType, "a")]
    [InlineData("1 2,x,2", FileFault.WrongType, "a")]
    [InlineData("--1,x,2", FileFault.WrongType, "a")]
    [InlineData("0x10,x,2", FileFault.WrongType, "a")]
    [InlineData("1,x,.", FileFault.WrongType, "m")]
    [InlineData("1\0,x,2", FileFault.WrongType, "a")]
    [InlineData("\0,x,2", FileFault.WrongType, "a")]
    [InlineData("1,x\0,2", FileFault.UnknownClass, "t")]
    [InlineData("1e39,x,2", FileFault.NotFinite, "a")]
    [InlineData("inf,x,2", FileFault.NotFinite, "a")]
    [InlineData("-Infinity,x,2", FileFault.NotFinite, "a")]
    [InlineData("1,z,2", FileFault.UnknownClass, "t")]
    [InlineData("1,\"x\"y,2", FileFault.BadQuotes, null)]
    [InlineData("1,x\"y,2", FileFault.BadQuotes, null)]
    [InlineData("1,x,2\r3", FileFault.WrongType, "m")]
    [InlineData("1,\"z\nz\",2", FileFault.UnknownClass, "t")]
    public async Task A_bad_row_is_refused_with_its_place_and_the_others_are_read(string row, FileFault reason, string? column)
    {
        var path = _folder.Write("data.csv", $"a,t,m\n1,x,1\n\n{row}\n2,y,\n");
        var expected = new RefusedRow(path, 4, column, reason, row);
        List<RefusedRow> refused = [];
        var rows = await FileFolder.PlayAsync(path, Options, refused);
        Assert.Equal(expected, Assert.Single(refused));
        Assert.Equal(["1|0|1", "2|1|"], rows);
        Assert.Equal(expected, Assert.Throws<FileRowsException>(() => FileFolder.Rows(p => p.FromCsv(path, Options))).Row);
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(path, Options with { SkipBadRows = true }));
        Assert.Equal(["1|0|1", "2|1|"], FileFolder.Rows(probe));
        Assert.Equal(1, probe.Metrics.RowsDropped[RefusedRow.Words(reason).Replace(' ', '-')]);
    }

    /// <summary>Rows are even by number: one that is refused takes its time with it.</summary>
    [Theory, InlineData(1)]
    [InlineData(1000)]
    public void A_refused_row_takes_its_time_with_it(int batchRows)
    {
        var path = _folder.Write("data.csv", "m\n?\n1\n?\n?\n4\n5\n?\n7\n");
        CsvOptions options = new()
        {
            Columns = [FileColumn.Channel("m")],
            SamplesPerSecond = 1,
            SkipBadRows = true,
            BatchRows = batchRows,
        };
        var rows = FileFolder.Rows(p => p.FromCsv(path, options));
        Assert.Equal(["1000000000|1", "4000000000|4", "5000000000|5", "7000000000|7"], rows);
    }

    [Fact]
    public async Task A_file_that_is_gone_before_it_is_opened_is_refused_and_the_next_is_read()
    {
        var gone = _folder.Write("d/1.csv", "a,t,m\n1,x,1\n");
        _folder.Write("d/2.csv", "a,t,m\n2,y,\n");
        List<string> rows = [];
        List<RefusedRow> refused = [];
        var skipping = Pipeline.Define("files", p =>
        {
            var (read, left) = p.FromCsvWithRefused(_folder.Of("d/*.csv"), Options);
            read.ForEach("rows", batch => rows.AddRange(FileFolder.Rows(batch)));
            left.ForEach("refused", refused.Add);
        });
        var stopping = Pipeline.Define("files", p => p.FromCsv(_folder.Of("d/*.csv"), Options).ForEach("rows", static _ => { }));
        File.Delete(gone);

        await skipping.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["2|1|"], rows);
        Assert.Equal((gone, FileFault.DamagedFile), (Assert.Single(refused).File, refused[0].Reason));
        var failed = await Assert.ThrowsAsync<BlockFailedException>(() => stopping.RunAsync(TestContext.Current.CancellationToken));
        Assert.IsType<FileRowsException>(failed.InnerException);
    }

    [Fact]
    public void A_message_about_a_row_is_one_short_line_without_control_characters()
    {
        var text = new RefusedRow("a.csv", 7, "x", FileFault.WrongType, "\u001b[2J1\n2,3").ToString();
        Assert.Equal("a.csv:7, column 'x': wrong type, got '·[2J1…'", text);
        Assert.InRange(new RefusedRow("a.csv", 7, null, FileFault.TooLong, new('\0', 256)).ToString().Length, 50, 140);
    }

    [Fact]
    public async Task Lines_are_counted_also_inside_quotes_and_after_refused_rows()
    {
        List<RefusedRow> refused = [];
        var path = _folder.Write("data.csv", "a,t,m\n1,\"z\n\nz\",2\n# \n3,x\n\n4,\"x\",bad\n5,x,6\n");
        var rows = await FileFolder.PlayAsync(path, Options with { Comment = '#' }, refused);
        Assert.Equal([2, 6, 8], refused.Select(r => r.Line));
        Assert.Equal(["5|0|6"], rows);
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_costs_one_line()
    {
        List<RefusedRow> refused = [];
        var path = _folder.Write("data.csv", "a,t,m\n1,x,1\n2,\"x,2\n3,y,3\n4,x,4");
        var rows = await FileFolder.PlayAsync(path, Options, refused);
        Assert.Equal((3, FileFault.BadQuotes), (refused.Single().Line, refused.Single().Reason));
        Assert.Equal(["1|0|1", "3|1|3", "4|0|4"], rows);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_line_of_100_MB_is_refused_in_little_memory(bool isQuoted)
    {
        var path = _folder.Of("long.csv");
        using (var file = new System.IO.Compression.GZipStream(File.Create(path), System.IO.Compression.CompressionLevel.Fastest))
        {
            file.Write("a,t,m\n1,x,1\n"u8);
            if (isQuoted) { file.Write("2,\""u8); }
            var some = Encoding.ASCII.GetBytes(new string('7', 1_000_000));
            for (var i = 0; i < 100; i++) { file.Write(some); }
            file.Write("\n3,y,3\n"u8);
        }
        using (var probe = new SourceProbe<Batch>(p => p.FromCsv(path, Options with { SkipBadRows = true })))
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            FileFolder.Rows(probe);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
        }
        List<RefusedRow> refused = [];
        var rows = await FileFolder.PlayAsync(path, Options, refused);
        Assert.Equal((3, FileFault.TooLong), (refused.Single().Line, refused.Single().Reason));
        Assert.Equal(RefusedRow.MaxTextBytes, refused.Single().Text.Length);
        Assert.Equal(["1|0|1", "3|1|3"], rows);
    }

    [Fact]
    public async Task The_bound_of_a_row_does_not_depend_on_what_is_in_memory()
    {
        List<RefusedRow> refused = [];
        var row = new string(' ', 90) + "1,x,1";
        var path = _folder.Write("data.csv", "a,t,m\n" + string.Concat(Enumerable.Repeat($"{row}\n2,y,2\n", 2000)));
        var rows = await FileFolder.PlayAsync(path, Options with { MaxRowBytes = 95 }, refused);
        Assert.Equal((2000, 2000), (refused.Count, rows.Count));
        Assert.All(refused, r => Assert.Equal(FileFault.TooLong, r.Reason));
        Assert.Equal(4000, FileFolder.Rows(p => p.FromCsv(path, Options with { MaxRowBytes = 96 })).Count);
    }

    [Theory, InlineData(0.5), InlineData(0.999)]
    public async Task A_compressed_file_that_is_cut_off_is_told_after_what_could_be_read(double part)
    {
        var random = new Random(1);
        var text = "a,t,m\n" + string.Concat(Enumerable.Range(0, 50_000).Select(_ => $"{random.Next()},x,{random.Next()}\n"));
        var zipped = FileFolder.Zipped(Encoding.ASCII.GetBytes(text));
        var path = _folder.Write("1.csv.gz", zipped[..(int)(part * zipped.Length)]);
        _folder.Write("2.csv.gz", FileFolder.Zipped("a,t,m\n5,y,5\n"u8.ToArray()));
        List<RefusedRow> refused = [];

        var rows = await FileFolder.PlayAsync(_folder.Of("?.csv.gz"), Options, refused);

        Assert.Equal((FileFault.DamagedFile, path), (refused.Single().Reason, refused.Single().File));
        Assert.InRange(rows.Count, 10_000, 50_000);
        Assert.Equal("5|1|5", rows[^1]);
        Assert.Throws<FileRowsException>(() => FileFolder.Rows(p => p.FromCsv(path, Options)));
    }

    [Fact]
    public void A_compressed_file_is_told_at_whatever_byte_it_is_cut_off()
    {
        var zipped = FileFolder.Zipped(Encoding.ASCII.GetBytes("a,t,m\n" + string.Concat(Enumerable.Repeat("1,x,2\n3,y,\n", 20))));
        for (var length = 2; length < zipped.Length; length++)
        {
            var path = _folder.Write("cut.gz", zipped[..length]);
            Assert.Throws<FileRowsException>(() => FileFolder.Rows(p => p.FromCsv(path, Options)));
        }
        Assert.Equal(40, FileFolder.Rows(p => p.FromCsv(_folder.Write("whole.gz", zipped), Options)).Count);
    }

    [Theory, InlineData("a,t\n1,x\n", "m"), InlineData("a,t,m,a\n1,x,2,3\n", "a"), InlineData("a [g],t,m\n1,x,2\n", "a")]
    [InlineData("a,t,\"m\n", null), InlineData("nothing", "a")]
    public async Task A_file_with_another_head_is_refused_and_the_next_one_read(string text, string? column)
    {
        _folder.Write("1.csv", text);
        _folder.Write("2.csv", "m,t,a\n5,y,6\n");
        List<RefusedRow> refused = [];
        var rows = await FileFolder.PlayAsync(_folder.Of("?.csv"), Options, refused);
        Assert.Equal((FileFault.BadHeader, column), (refused.Single().Reason, refused.Single().Column));
        Assert.Equal(["6|1|5"], rows);
    }

    [Fact]
    public async Task Utf16_is_refused_and_an_empty_file_has_no_rows()
    {
        List<RefusedRow> refused = [];
        _folder.Write("1.csv", Encoding.Unicode.GetPreamble());
        _folder.Write("2.csv", "");
        Assert.Empty(await FileFolder.PlayAsync(_folder.Of("?.csv"), Options, refused));
        Assert.Equal([FileFault.BadHeader], refused.Select(r => r.Reason));
    }

    [Fact]
    public void Wrong_settings_are_refused_when_the_pipeline_is_defined()
    {
        var path = _folder.Write("data.csv", "a,t,m\n");
        void Wrong(CsvOptions options) =>
            Assert.ThrowsAny<ArgumentException>(() => Pipeline.Define("p", p => p.FromCsv(path, options).Discard()));

        Wrong(Options with { BatchRows = 0 });
        Wrong(Options with { MaxRowBytes = 1 });
        Wrong(Options with { Delimiter = '1' });
        Wrong(Options with { Comment = ',' });
        Wrong(Options with { SamplesPerSecond = 0 });
        Wrong(Options with { Follow = TimeSpan.Zero });
        Wrong(Options with { Columns = [FileColumn.Class("t")] });
        Wrong(Options with { Columns = [FileColumn.Channel("a"), FileColumn.Channel("a")] });
        Wrong(Options with { Columns = [FileColumn.Channel("a") with { Value = FileValue.Flag }] });
    }
}
