namespace Examples.Tests;

/// <summary>The command line.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task A_table_is_that_of_the_experiment_and_model_that_are_asked_for()
    {
        var lines = await LinesOf("tau", "table", "short", "--model", "kmeans", "--seeds", "1");

        Assert.Equal("kmeans: a third of the budget", lines[0]);
        Assert.Equal(4, lines.Skip(2).TakeWhile(static l => l.EndsWith("-     -    -", StringComparison.Ordinal)).Count());
        Assert.StartsWith("rounds under 1 s with adaptive tau: 1 Uniform ", lines[^3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_and_its_json_have_the_same_figures()
    {
        var text = string.Join('\n', await LinesOf("partition", "infer"));
        using var json = JsonDocument.Parse((await LinesOf("partition", "infer", "--json"))[0]);
        var figures = json.RootElement.EnumerateArray().ToList();

        Assert.Equal(["EEoC", "Neurosurgeon", "EdgeShard", "DISNET"],
            figures.Select(static f => f.GetProperty("system").GetString()).Distinct());
        Assert.All(figures, f => Assert.Contains(f.GetProperty("what").GetString()!, text, StringComparison.Ordinal));
        Assert.Contains(figures, static f => f.GetProperty("published").GetString() == "40.7x" && f.GetProperty("ours").GetDouble() > 40);
        Assert.All((string[])["-72.6 %", "-41.0 %", "11.82x", "40.42x", "-37.8 %", "-92.2 %", "-55.6 %", "7.5x", "1.9x", "2.7x", "4.0x"],
            printed => Assert.Contains(printed, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_link_falls_the_plan_is_worth_more_than_each_fixed_cut()
    {
        var lines = await LinesOf("partition", "falling");

        Assert.Contains("EEoC                1.491    6.655  0.383", lines);
        Assert.Contains("all on the server   9.061   12.847  0.803", lines);
        Assert.Contains("all on the device   1.238    8.976  0.486", lines);
    }

    [Theory]
    [InlineData("tau", "table", "base", "--model", "oracle")]
    [InlineData("tau", "table", "nothing")]
    [InlineData("tau", "table", "--seeds", "0")]
    [InlineData("tau", "drawn")]
    [InlineData("partition", "train", "--seed", "-1")]
    [InlineData("partition", "infer", "--seed", "x")]
    [InlineData("partition", "infer", "--tabels")]
    public async Task A_wrong_command_line_ends_with_2(params string[] arguments) =>
        Assert.Equal(2, await CommandLine.RunAsync(arguments, new StringWriter()));

    [Fact]
    public async Task Data_that_cannot_be_read_end_with_4() =>
        Assert.Equal(4, await CommandLine.RunAsync(["partition", "fleet", "/no/such/folder"], new StringWriter()));

    [Theory]
    [InlineData(32, 0)]         // nobody reads any more
    [InlineData(28, 4)]         // the disk is full
    public void After_a_line_that_cannot_be_written_nothing_more_is_computed(int errno, int code)
    {
        var computed = 0;

        Assert.Equal(code, CommandLine.Write(() => Enumerable.Range(0, 10).Select(i => $"{computed++}"), new Leaving(errno)));

        Assert.Equal(1, computed);
    }

    private static async Task<string[]> LinesOf(params string[] arguments)
    {
        var output = new StringWriter();
        Assert.Equal(0, await CommandLine.RunAsync(arguments, output));
        return output.ToString().ReplaceLineEndings("\n").Split('\n');
    }

    private sealed class Leaving(int errno) : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("cannot be written", errno);
    }
}
