namespace StreamLearn.Formats.Tests;

/// <summary>The same text in a file, in a message, from a program and from a serial port.</summary>
public sealed class LiveFormsTests : IDisposable
{
    private const string German = "temp [°C];hum;note;state\r\n21,5;0,3;\"a;b\";läuft\r\n-1.000,25;;x;steht\r\n21,5 °C;1;;steht\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly CsvOptions Semicolon = new()
    {
        Columns = Columns("state", "temp", "hum"),
        Delimiter = ';',
        DecimalComma = true,
        BatchRows = 5000,
    };

    private static readonly Dictionary<string, (CsvOptions Form, Encoding Encoding, string Text)> Forms = new()
    {
        ["semicolon"] = (Semicolon, Encoding.UTF8, German),
        ["latin1"] = (Semicolon with { Encoding = Encoding.Latin1 }, Encoding.Latin1, German),
        ["utf-16"] = (Semicolon with { Encoding = Encoding.Unicode }, Encoding.Unicode, German),
        ["utf-16 by its mark"] = (Semicolon, Encoding.Unicode, '\uFEFF' + German),
        ["utf-16-be by its mark"] = (Semicolon, Encoding.BigEndianUnicode, '\uFEFF' + German),
        ["tab"] = (Semicolon with { Delimiter = '\t' }, Encoding.UTF8, '\uFEFF' + German.Replace("\"a;b\"", "a", StringComparison.Ordinal)
            .Replace(';', '\t')),
        ["names"] = (Semicolon with { Header = false, Names = ["temp", "hum", "note", "state"] }, Encoding.UTF8,
            German[(German.IndexOf('\n', StringComparison.Ordinal) + 1)..]),
        ["missing and comments"] = (Semicolon with { Missing = ["-200", ""], Comment = '#' }, Encoding.UTF8,
            "# boot\n" + German + "# again\n1,5;-200;;steht\n"),
        ["carriage returns"] = (Semicolon, Encoding.UTF8, German.ReplaceLineEndings("\r")),
        ["carriage returns in utf-16"] = (Semicolon with { Encoding = Encoding.Unicode }, Encoding.Unicode,
            German.ReplaceLineEndings("\r")),
        ["no last end"] = (Semicolon, Encoding.UTF8, German.TrimEnd()),
        ["parts"] = (Semicolon with { Encoding = Encoding.Unicode }, Encoding.Unicode,
            German + string.Concat(Enumerable.Range(0, 2000).Select(static i => $"{i},5;0,25;ü{new string('€', i % 7)};läuft\n"))),
    };

    private readonly FileFolder _folder = new();

    public static TheoryData<string> Names => [.. Forms.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public async Task Live_rows_of_each_form_have_the_values_of_the_file(string name)
    {
        var (form, encoding, text) = Forms[name];
        var bytes = encoding.GetBytes(text);
        var path = _folder.Write("data.csv", bytes);

        var expected = form.Names.Count == 0 ? FileFolder.Rows(p => p.FromCsv(path, form))
            : FileFolder.Rows(p => p.FromCsv(path, form with { Columns = Columns("c3", "c0", "c1"), Names = [] }));

        Assert.InRange(expected.Count, 3, 2003);
        Assert.True(new CsvFormat(form).TryDecode(new ReadOnlySequence<byte>(bytes), new(), out var batch, out var why), $"{why}");
        Assert.Equal(expected, FileFolder.Rows(batch));
        Assert.Equal(expected, await RowsAsync(p => p.FromLines(new CommandLines(["cat", path]), form), expected.Count));
        if (name.Contains("mark", StringComparison.Ordinal) || name == "no last end") { return; }
        using var terminal = new PseudoTerminal();
        using var raw = new SerialLines(terminal.Path, 115200).Open(static _ => { });
        byte[] first = form.Header ? [] : [0xFF, 0xFE, (byte)'\n'];     // noise that looks like a mark
        Assert.Equal(expected, await RowsAsync(p => p.FromLines(new SerialLines(terminal.Path, 115200), form), expected.Count,
            () => terminal.Write([.. first, .. bytes])));
    }

    [Fact]
    public async Task Bad_lines_are_counted_by_their_reason_and_cost_no_other_line()
    {
        string[] lines =
        [
            "{\"temp\":1}", "temp;hum;note;state", "1;2;a;steht", "1\0;2;a;steht", "\0\0", "3;4;\"open;steht", "5;6;a;steht", "7,5;8",
            "{\"temp\": 9}", " {", $"9;9;{new string('x', 300)};steht", "hum;temp;state",
            "10;9,5;steht", "11;12;\"a\"b;steht", "3;4;\"open",
            "temp;hum;note;state", "13;14;a;steht", "15;1,5.5;a;steht", "16;17;a;st\0eht", "18;19;a;steht", "20;2",
        ];
        var path = _folder.Write("data.csv", string.Join('\n', lines));
        List<RefusedRow> refused = [];
        List<string> rows = [];
        var options = new LineOptions { EndsWithProgram = true, MaxLineBytes = 200, OnRefused = refused.Add };
        await using var run = Pipeline.Define("p", p => p.FromLines(new CommandLines(["cat", path]), Semicolon, options)
            .ForEach("take", batch => rows.AddRange(FileFolder.Rows(batch)))).Start();

        await run.Completion.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(["1|1|2", "1|5|6", "1|9.5|10", "1|13|14", "1|18|19"], rows);
        Assert.Equal(["bad-header 1", "bad-quotes 4", "repeated-header 2", "too-long 1", "unknown-class 1", "wrong-type 4",
            "wrong-width 2"], run.Metrics["lines"].RowsDropped.Select(static d => $"{d.Key} {d.Value}").Order());
        Assert.Equal(lines.Length - rows.Count - 1, refused.Count);     // the header
    }

    [Theory]
    [InlineData("21,5;0,3;a", RefusalReason.UnequalLengths)]
    [InlineData("{\"temp\":21.5}", RefusalReason.BadCsv)]
    [InlineData("\0", RefusalReason.WrongType)]
    [InlineData("21,5;0,3;\"a;steht", RefusalReason.BadCsv)]
    [InlineData("21,5;0,3;a;steht\ntemp;hum;note;state\n", RefusalReason.WrongType)]
    public void A_bad_message_is_refused_with_its_text(string text, RefusalReason expected)
    {
        var format = new CsvFormat(Forms["names"].Form);

        Assert.False(format.TryDecode(Payloads.Bytes(text), new(), out _, out var refusal));

        Assert.Equal((expected, text), (refusal.Reason, format.LastRefusedText));
    }

    [Fact]
    public void Messages_in_another_encoding_need_no_memory_of_their_own()
    {
        var (format, pool) = (new CsvFormat(Forms["names"].Form with { Encoding = Encoding.Unicode }), new BatchPool());
        var bytes = new ReadOnlySequence<byte>(Encoding.Unicode.GetBytes("21,5;0,3;a;läuft\n"));
        for (var i = 0; i < 100; i++) { Decode(); }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) { Decode(); }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);       // the handle of a batch

        void Decode()
        {
            Assert.True(format.TryDecode(bytes, pool, out var batch));
            batch.Dispose();
        }
    }

    private static FileColumn[] Columns(string state, string temperature, string humidity) =>
    [
        FileColumn.Label(state, "läuft", "steht"), FileColumn.Channel(temperature, new("Cel")),
        FileColumn.Channel(humidity, nullable: true),
    ];

    private static async Task<List<string>> RowsAsync(Func<PipelineBuilder, Flow<Batch>> rows, int count, Action? write = null)
    {
        List<string> taken = [];
        var isComplete = new TaskCompletionSource();
        await using var run = Pipeline.Define("p", p => rows(p).ForEach("take", batch =>
        {
            taken.AddRange(FileFolder.Rows(batch));
            if (taken.Count >= count) { isComplete.TrySetResult(); }
        })).Start();
        if (write is not null) { await Task.Run(write); }
        await isComplete.Task.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        return taken[..count];
    }
}
