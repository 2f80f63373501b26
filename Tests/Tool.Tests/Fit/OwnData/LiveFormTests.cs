using System.Text;

namespace Tool.Tests;

/// <summary>Live rows in the form of files of another country.</summary>
public sealed class LiveFormTests : IDisposable
{
    private const string Head = "a [°C];b;Zustand\r\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_answers_live_rows_as_it_answers_the_file_it_learned_from()
    {
        var rows = Rows(400, seed: 1).ToList();
        var file = Write("rows.csv", Head + string.Concat(rows));
        var bare = Write("bare.csv", string.Concat(rows));
        var fit = await ToolRun.RunAsync("fit", "--csv", file, "--encoding", "latin1", "--label", "Zustand", "--device", "none",
            "--window", "row", "--missing", "-200", "--model", "linear", "--out", _folder.File("out"));
        Assert.True(fit.ExitCode == 0, fit.Error);

        var expected = Classes(await AnswerAsync("--csv", file, "--encoding", "latin1", "--device", "none", "--missing", "-200"));

        Assert.Equal(400 - rows.Count(static r => r.Contains("-200", StringComparison.Ordinal)), expected.Count);
        Assert.Contains("läuft", expected);
        Assert.Equal(expected, Classes(await AnswerAsync("--command", $"cat {file}")));
        Assert.Equal(expected, Classes(await AnswerAsync("--command", $"cat {bare}", "--columns", "a,b,Zustand")));
        var turned = Write("turned.csv", "Zustand\tb\ta\n" + string.Concat(rows.Select(static r =>
            string.Join('\t', r.TrimEnd().Split(';').Reverse()).Replace(',', '.') + "\n")));
        Assert.Equal(expected, Classes(await AnswerAsync("--command", $"cat {turned}", "--delimiter", "tab", "--decimal", "point")));
    }

    [Theory]
    [InlineData("a;b\\n1,5;2,5\\n1,5;2,5\\n", "expected the columns a, b; got a;b; try --delimiter semicolon")]
    [InlineData("a;b\\n1,5;2,5\\n1,5;2,5\\n", "wrong type, got '1,5;2,5'; try --decimal comma", "--delimiter", "semicolon")]
    [InlineData("1,5;2,5\\n", "; try --decimal comma --no-header", "--delimiter", "semicolon")]
    [InlineData("a\\tb\\n1\\t2\\n", "; try --delimiter tab")]
    [InlineData("1,2,x\\n", "wrong width, got '1,2,x'; try --columns NAMES", "--no-header")]
    [InlineData("{\"a\":1,\"b\":2}\\n", "got {\"a\":1, \"b\":2}; try --format json")]
    [InlineData("1,2\\n", "got '1,2'; try --format csv", "--format", "json")]
    [InlineData("a,g\\344\\n1,2\\n", "; try --encoding latin1")]
    [InlineData("a,b\\n1,2\\n-200,1\\n", "1 row left out: a value is missing", "--missing=-200")]
    [InlineData("a,b\\n1.5,2\\n", "--decimal: expected --delimiter", "--decimal", "comma")]
    [InlineData("1,2\\n", "--columns: expected 'b' once among a, c", "--columns", "a,c")]
    [InlineData("a,b,t\\n1,2,3\\n", "--time: expected a name and a unit", "--time", "t")]
    public async Task What_is_not_of_the_form_is_left_out_and_the_form_it_seems_to_have_is_said(
        string text, string said, params string[] options)
    {
        var run = await ToolRun.RunAsync(["watch", "--command", $"printf '{text}'", "--channels", "a,b", .. options]);

        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_are_watched_in_the_form_of_the_usual_files()
    {
        var usual = Write("usual.csv", Head + string.Concat(Rows(400, seed: 2)));
        var live = Write("live.csv", Head + string.Concat(Rows(50, seed: 3)));

        var run = await ToolRun.RunAsync("watch", "--command", $"cat {live}", "--usual", usual, "--encoding", "latin1", "--missing", "-200",
            "--channels", "a,b", "--out", _folder.File("scores.csv"));

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(1 + Rows(50, seed: 3).Count(static r => !r.Contains("-200", StringComparison.Ordinal)),
            (await File.ReadAllLinesAsync(_folder.File("scores.csv"), TestContext.Current.CancellationToken)).Length);
    }

    private static IEnumerable<string> Rows(int count, long seed)
    {
        var random = new RandomStream(seed, "rows");
        return Enumerable.Range(0, count).Select(i =>
        {
            var (isOn, noise) = (random.NextInt32(2), random.NextGaussian());
            var text = string.Create(CultureInfo.InvariantCulture,
                $"{(10 * isOn) + noise:0.000};{(i % 50 == 7 ? "-200" : $"{(3 * isOn) + random.NextGaussian():0.000}")};");
            return text.Replace('.', ',') + (isOn == 1 ? "läuft" : "steht") + "\r\n";
        });
    }

    private string Write(string name, string text)
    {
        File.WriteAllBytes(_folder.File(name), Encoding.Latin1.GetBytes(text));
        return _folder.File(name);
    }

    private async Task<string> AnswerAsync(params string[] options)
    {
        var run = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), .. options]);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    private static List<string> Classes(string output) =>
        [.. output.TrimEnd().Split('\n').Skip(1).Select(static l => l.Split(",")[^2])];
}
