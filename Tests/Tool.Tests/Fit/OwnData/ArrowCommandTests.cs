using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Arrow;

namespace Tool.Tests;

public sealed class ArrowCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_look_prints_the_line_that_learns_and_the_model_answers_into_a_file_of_Arrow()
    {
        var file = OwnArrowTests.Golden("recording.arrow");
        var look = await ToolRun.RunAsync("look", "--arrow", file);
        var line = look.Output.TrimEnd().Split('\n')[^1];
        var words = line[line.IndexOf("fit ", StringComparison.Ordinal)..].Split(' ').Select(static w => w.Trim('\''));
        var run = await ToolRun.RunAsync([.. words, "--alone", "--model", "linear", "--out", _folder.File("out")]);
        var model = _folder.File("out/model.safetensors");
        var printed = await ToolRun.RunAsync("answer", model, "--arrow", file);

        Assert.Equal((0, 0, 0), (look.ExitCode, run.ExitCode, printed.ExitCode));
        Assert.Contains("rows with missing values were filled in", printed.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"streamlearn answer {model} --arrow new.arrow --device person --out answers.arrow", run.Output, StringComparison.Ordinal);
        foreach (var name in new[] { "answers.csv", "answers.arrow", "answers.arrows" })
        {
            var written = await ToolRun.RunAsync("answer", model, "--arrow", file, "--out", _folder.File(name));
            Assert.Equal((0, ""), (written.ExitCode, written.Output));
        }

        Assert.Equal(printed.Output, await File.ReadAllTextAsync(_folder.File("answers.csv"), TestContext.Current.CancellationToken));
        using var answers = new ArrowBatches(_folder.File("answers.arrow"));
        Assert.Equal(["device utf8", "time timestamp[ns, UTC]", "class dictionary<int32, utf8>", "confidence float32"],
            answers.Schema.FieldsList.Select(static f => $"{f.Name} {f.TypeText()}"));
        Assert.Equal(printed.Output.TrimEnd().Split('\n')[1..], Lines(answers.Read(0)));
        using var stream = new ArrowBatches(_folder.File("answers.arrows"));
        Assert.Equal(printed.Output.TrimEnd().Split('\n')[1..], Lines(stream.Read()!));
        Assert.Equal((1, null), (answers.Count, stream.Count));
    }

    [Fact]
    public async Task A_fleet_learns_from_a_file_of_Arrow_what_it_learns_from_the_same_rows_in_CSV()
    {
        var (csv, arrow) = (_folder.File("rows.csv"), _folder.File("rows.arrow"));
        GeneratedRows.Of(people: 5, seed: 9, seconds: 80).Write(csv);
        var lines = (await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken)).Select(static l => l.Split(',')).ToList();
        var (names, rows) = (lines[0], lines[1..]);
        OwnArrowTests.Write(arrow, [.. names.Select((name, c) => name switch
        {
            "device" or "activity" => OwnArrowTests.TextsOf(name, rows.Count, r => rows[r][c]),
            "time_us" => OwnArrowTests.Of(name, Int64Type.Default, rows.Count,
                r => long.Parse(rows[r][c], CultureInfo.InvariantCulture)),
            _ => OwnArrowTests.Of(name, FloatType.Default, rows.Count, r => float.Parse(rows[r][c], CultureInfo.InvariantCulture)),
        })]);
        string[] words = ["--label", "activity", "--model", "linear", "--fleet", "--mode", "async", "--seconds", "60",
            "--out", _folder.File("out")];

        var ofText = await ToolRun.ResultAsync(["fit", "--csv", csv, .. words]);
        var ofArrow = await ToolRun.ResultAsync(["fit", "--arrow", arrow, .. words]);

        Assert.Equal(ofText.GetProperty("weights_sha256").GetString(), ofArrow.GetProperty("weights_sha256").GetString());
        Assert.Equal(ofText.GetProperty("accuracy").GetDouble(), ofArrow.GetProperty("accuracy").GetDouble());
    }

    [Theory]
    [InlineData(2, "--arrow: leave --csv out", "look", "--arrow", "a.arrow", "--csv", "a.csv")]
    [InlineData(2, "--arrow: leave --data out", "fit", "--arrow", "a.arrow", "--label", "x", "--data", "folder")]
    [InlineData(2, "--decimal: leave it out; it is for live rows", "answer", "m", "--csv", "a.csv", "--decimal", "comma")]
    [InlineData(2, "--columns: leave it out; it is for live rows", "answer", "m", "--arrow", "a.arrow", "--columns", "a,b")]
    [InlineData(2, "--follow: leave it out; an Arrow file", "answer", "m", "--arrow", "a.arrow", "--follow")]
    [InlineData(2, "--out: expected a file of answers named .csv, .arrow, .feather or .arrows", "answer", "m", "--arrow", "a.arrow",
        "--out", "o")]
    [InlineData(2, "--out: expected a file, got ''", "answer", "m", "--arrow", "a.arrow", "--out", "")]
    [InlineData(2, "Unrecognized command or argument '--unseen=x'", "look", "--arrow", "a.arrow", "--unseen=x")]
    [InlineData(65, "--arrow: there is no file nothing.arrow", "look", "--arrow", "nothing.arrow")]
    public async Task A_mistake_is_one_line(int exitCode, string expected, params string[] words)
    {
        var run = await ToolRun.RunAsync(words);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.StartsWith($"streamlearn: {expected}", Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_take_neither_the_place_of_their_rows_nor_of_a_folder()
    {
        var file = _folder.File("rows.arrow");
        File.Copy(OwnArrowTests.Golden("recording.arrow"), file);
        await ToolRun.RunAsync("fit", "--arrow", file, "--label", "activity", "--alone", "--model", "linear", "--out",
            _folder.File("out"));
        var model = _folder.File("out/model.safetensors");
        Directory.CreateDirectory(_folder.File("folder.arrow"));

        var same = await ToolRun.RunAsync("answer", model, "--arrow", file, "--out", file);
        var folder = await ToolRun.RunAsync("answer", model, "--arrow", file, "--out", _folder.File("folder.arrow"));

        Assert.Equal((2, 73), (same.ExitCode, folder.ExitCode));
        Assert.Contains("is the file of the rows", same.Error, StringComparison.Ordinal);
        Assert.StartsWith("streamlearn: cannot write", folder.Error, StringComparison.Ordinal);
        Assert.Equal(new FileInfo(OwnArrowTests.Golden("recording.arrow")).Length, new FileInfo(file).Length);
    }

    [Theory]
    [InlineData("answers.arrow")]
    [InlineData("answers.arrows")]
    [InlineData("answers.csv")]
    public void Where_no_window_is_answered_no_file_is_left(string name)
    {
        var path = _folder.File(name);
        foreach (var isAnswered in new[] { false, true })
        {
            using (var answers = new AnswerFile(new(path), new(["rest", "walk"])))
            {
                if (isAnswered) { answers.Add(0, 1, 0.5f); }
                answers.Clear();
            }

            Assert.Equal(isAnswered, File.Exists(path));
        }
    }

    /// <summary>Of classes in a set, <c>|</c> parts them, and <c>\</c> stands before that in a name.</summary>
    [Theory]
    [InlineData("answers.arrow")]
    [InlineData("answers.csv")]
    public void Answers_may_have_the_number_of_their_row_and_classes_any_name(string name)
    {
        var path = _folder.File(name);
        using (var answers = new AnswerFile(new(path), new([@"a|b\c", "walk"]) { HasBound = true, ByNumber = true }))
        {
            answers.Add(41_000_000_000, 1, 0.5f, [1, 0]);
        }

        if (name == "answers.csv")
        {
            Assert.Equal(["row,class,confidence,possible", @"42,walk,0.500,walk|a\|b\\c"], File.ReadAllLines(path));
            return;
        }

        using var reader = new ArrowFileReader(File.OpenRead(path));
        using var batch = reader.ReadNextRecordBatch();
        Assert.Equal(42, ((Int64Array)batch.Column("row")).GetValue(0));
        Assert.Equal(@"walk|a\|b\\c", ((StringArray)batch.Column("possible")).GetString(0));
    }

    private static IEnumerable<string> Lines(RecordBatch batch)
    {
        var (times, confidences) = ((TimestampArray)batch.Column("time"), (FloatArray)batch.Column("confidence"));
        for (var row = 0; row < batch.Length; row++)
        {
            yield return FormattableString.Invariant($"{TextOf("device", row)},")
                + FormattableString.Invariant($"{DateTime.UnixEpoch.AddTicks(times.Values[row] / 100):yyyy-MM-ddTHH:mm:ss.fffZ},")
                + FormattableString.Invariant($"{TextOf("class", row)},{confidences.Values[row]:0.000}");
        }

        string TextOf(string column, int row)
        {
            if (batch.Column(column) is not DictionaryArray texts) { return ((StringArray)batch.Column(column)).GetString(row); }
            return ((StringArray)texts.Dictionary).GetString(((Int32Array)texts.Indices).Values[row]);
        }
    }
}
