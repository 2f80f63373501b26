using System.Buffers;

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
        if (name.Contains("mark", StringComparison.Ordinal)) { return; }     // noise of a port may look like a mark
        using var terminal = new PseudoTerminal();
        using var raw = new SerialLines(terminal.Path, 115200).Open(static _ => { });
        var first = form.Header ? [] : encoding.GetBytes("cut\n");
        Assert.Equal(expected, await RowsAsync(p => p.FromLines(new SerialLines(terminal.Path, 115200), form), expected.Count,
            () => terminal.Write([.. first, .. bytes])));
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
