namespace StreamLearn.Formats.Tests;

public sealed class JsonLinesSourceTests : IDisposable
{
    private static readonly RowFileOptions Options = new()
    {
        Columns =
        [
            FileColumn.Time("at", TimeUnit.Milliseconds), FileColumn.Channel("x"), FileColumn.Number("n", ColumnType.Int32, nullable: true),
            FileColumn.Class("t", "a", "b\"c"),
        ],
    };

    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"at":1,"x":2.5,"n":3,"t":"a"}""", "1000000|2.5|3|0")]
    [InlineData("""{"t":"b\"c","n":null,"x":-2.5e1,"at":1.5}""", "1500000|-25||1")]
    [InlineData("""{"t":"b\u0022c", "x":1, "at":0}""", "0|1||1")]
    [InlineData("""{"at":1,"x":2,"n":3,"t":"a","more":{"x":[1,2,{}]}}""", "1000000|2|3|0")]
    [InlineData("""   {"at" : 1 , "x" : 2, "n": 3 ,"t" :"a" }  """, "1000000|2|3|0")]
    public void An_object_a_line_is_a_row(string line, string expected)
    {
        Assert.Equal([expected], _folder.JsonLines(line, Options));
        Assert.Equal([expected, expected, expected], _folder.JsonLines($"\uFEFF{line}\r\n\n{line}\n  \n{line}\n", Options));
    }

    [Theory]
    [InlineData("""{"at":1,"x":2,"n":3}""", FileFault.MissingValue, "t")]
    [InlineData("""{"at":1,"x":null,"n":3,"t":"a"}""", FileFault.MissingValue, "x")]
    [InlineData("""{"at":1,"x":"2","n":3,"t":"a"}""", FileFault.WrongType, "x")]
    [InlineData("""{"at":1,"x":2,"n":3.5,"t":"a"}""", FileFault.WrongType, "n")]
    [InlineData("""{"at":1,"x":2,"n":true,"t":"a"}""", FileFault.WrongType, "n")]
    [InlineData("""{"at":1,"x":1e39,"n":3,"t":"a"}""", FileFault.NotFinite, "x")]
    [InlineData("""{"at":1,"x":2,"n":3,"t":"d"}""", FileFault.UnknownClass, "t")]
    [InlineData("""{"at":1e30,"x":2,"n":3,"t":"a"}""", FileFault.BadTime, "at")]
    [InlineData("""{"at":1,"x":2,"x":3,"n":3,"t":"a"}""", FileFault.BadJson, "x")]
    [InlineData("""{"at":1,"x":2,"n":3,"t":"a"}}""", FileFault.BadJson, null)]
    [InlineData("""{"at":1,"x":2,"n":3,"t":"a" """, FileFault.BadJson, null)]
    [InlineData("""{"at":1,"x":02,"n":3,"t":"a"}""", FileFault.BadJson, null)]
    [InlineData("""{"at":1,"x":2.,"n":3,"t":"a"}""", FileFault.BadJson, null)]
    [InlineData("""[1,2]""", FileFault.BadJson, null)]
    [InlineData("17", FileFault.BadJson, null)]
    public void A_bad_line_is_refused_with_its_place(string line, FileFault reason, string? column)
    {
        const string Good = """{"at":1,"x":2.5,"n":3,"t":"a"}""";
        var path = _folder.Write("data.jsonl", $"{Good}\n{line}\n{Good}");
        var refused = Assert.Throws<FileRowsException>(() => FileFolder.Rows(p => p.FromJsonLines(path, Options))).Row;
        using var probe = new SourceProbe<Batch>(p => p.FromJsonLines(path, Options with { SkipBadRows = true }));
        Assert.Equal(new(path, 2, column, reason, line), refused);
        Assert.Equal(["1000000|2.5|3|0", "1000000|2.5|3|0"], FileFolder.Rows(probe));
    }

    [Fact]
    public void Lines_of_one_form_and_of_others_give_the_same_as_the_reader_of_JSON()
    {
        var random = new Random(7);
        List<string> lines = [], rows = [];
        for (var i = 0; i < 20_000; i++)
        {
            var (x, n, at) = ((float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 8))), random.Next(), random.Next());
            var texts = new[] { FormattableString.Invariant($"\"at\":{at}"), FormattableString.Invariant($"\"x\":{x:R}"),
                FormattableString.Invariant($"\"n\":{n}"), "\"t\":\"a\"" };
            if (random.Next(4) == 0) { random.Shuffle(texts); }
            lines.Add($"{{{string.Join(random.Next(4) == 0 ? ", " : ",", texts)}}}");
            rows.Add(FormattableString.Invariant($"{at * 1_000_000L}|{x:R}|{n}|0"));
        }
        Assert.Equal(rows, _folder.JsonLines(string.Join('\n', lines), Options));
    }

    [Fact]
    public void Columns_must_be_given() =>
        Assert.Throws<ArgumentException>(() => Pipeline.Define("p", p => p.FromJsonLines("x", new()).Discard()));
}
