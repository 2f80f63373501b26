namespace StreamLearn.Formats.Tests;

/// <summary>The examples of docs/guides/files.md do what the page says.</summary>
public sealed class FilesGuideTests : IDisposable
{
    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Activities_become_lines_of_JSON()
    {
        foreach (var person in new[] { "b", "a" })
        {
            var text = $"timestamp,ax [m/s^2],ay,activity\n1000,0.5,,{(person == "a" ? "run" : "sit")}\nbad\n";
            _folder.Write($"{person}/1.csv.gz", FileFolder.Zipped(System.Text.Encoding.ASCII.GetBytes(text)));
        }
        await RunAsync(FilesGuideExamples.Activities(_folder.Of("")));
        Assert.Equal(
            "{\"time\":\"1970-01-01T00:00:01.000000000Z\",\"ax\":0.5,\"ay\":null,\"label\":1,\"person\":0}\n"
                + "{\"time\":\"1970-01-01T00:00:01.000000000Z\",\"ax\":0.5,\"ay\":null,\"label\":2,\"person\":1}\n",
            File.ReadAllText(_folder.Of("activities.jsonl")));
    }

    [Fact]
    public async Task Refused_rows_are_told_in_a_sentence()
    {
        var path = _folder.Write("data.csv", $"t,ax,n\n{string.Concat(Enumerable.Repeat("1,2.5,3\n", 1016))}12,x,3\n");
        List<string> told = [];
        await RunAsync(FilesGuideExamples.WithRefused(path, row => told.Add($"{row}")));
        Assert.Equal([$"{path}:1018, column 'ax': wrong type, got '12,x,3'"], told);
        Assert.Equal(1016, FileFolder.Rows(p => p.FromNpy($"{path}.npy")).Count);
    }

    [Fact]
    public async Task Lines_and_arrays_are_copied()
    {
        var lines = _folder.Write("data.jsonl", "{\"at\":\"1970-01-01T00:00:00Z\",\"ax\":1}\n");
        await RunAsync(FilesGuideExamples.Lines(lines));
        Assert.Equal("time,ax [m/s2]\n1970-01-01T00:00:00.000000000Z,1\n", File.ReadAllText($"{lines}.csv"));
        var array = _folder.Of("a.npy");
        File.Copy(Golden.Of("sink-wide.npy"), array);
        await RunAsync(FilesGuideExamples.Array(array));
        Assert.Equal(File.ReadAllBytes(array), File.ReadAllBytes($"{array}.copy.npy"));
    }

    private static async Task RunAsync(Pipeline pipeline)
    {
        await using var run = pipeline.Start(new() { GuardMemory = true });
        await run.Completion;
    }
}
