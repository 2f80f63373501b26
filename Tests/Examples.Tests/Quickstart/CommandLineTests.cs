namespace Examples.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_shows_examples_and_exit_codes()
    {
        var run = await ProgramProcess.RunAsync("--help");

        Assert.Equal(0, run.ExitCode);
        Assert.All(["Examples:", "Exit codes:", "3 done, but staleness"],
            text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mermaid", "flowchart LR")]
    [InlineData("dot", "digraph")]
    public async Task Graph_prints_both_pipelines(string format, string start)
    {
        var run = await ProgramProcess.RunAsync("--graph", format);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, run.Output.Split(start).Length);
        Assert.Contains("window", run.Output, StringComparison.Ordinal);
        Assert.Contains("aggregate", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_prints_policy_capacity_bytes_delivery_and_state()
    {
        var run = await ProgramProcess.RunAsync("--explain");

        Assert.Equal(0, run.ExitCode);
        Assert.All(["worst case", "delivery processed", "wait, 64 messages, 8 MiB", "state, not covered"],
            text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Output_is_plain_lines_and_a_folder_of_the_result_the_report_and_the_graphs()
    {
        using var folder = new TemporaryFolder();

        var run = await ProgramProcess.RunAsync("--devices", "4", "--seconds", "20", "--out", folder.File("out"));

        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.Contains("accuracy", run.Output, StringComparison.Ordinal);
        string[] expected = ["accuracy.csv", "aggregator.dot", "aggregator.mmd", "events.jsonl", "explain.txt",
            "model.safetensors", "report.html", "result.json", "sensor.dot", "sensor.mmd"];
        Assert.Equal(expected, Directory.GetFiles(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(2, "--bogus")]
    [InlineData(2, "--devices", "0")]
    [InlineData(2, "--devices", "many")]
    [InlineData(2, "--graph", "png")]
    [InlineData(2, "--goal", "2")]
    [InlineData(2, "--mode", "7")]
    [InlineData(2, "--steps", "0")]
    [InlineData(2, "--contrast", "--mode", "async")]
    [InlineData(73, "--devices", "4", "--seconds", "20", "--json", "/dev/full")]
    [InlineData(2, "--seconds", "0")]
    [InlineData(73, "--devices", "4", "--out", "/dev/null/out")]
    [InlineData(65, "--data", "no-such-folder")]
    [InlineData(78, "--scenario", "no-such-file")]
    [InlineData(73, "--devices", "4", "--seconds", "20", "--json", "/dev/null/result.json")]
    public async Task A_mistake_is_one_line_with_its_exit_code_and_no_stack_trace(int exitCode, params string[] arguments) =>
        AssertMistake(exitCode, await ProgramProcess.RunAsync(arguments));

    [Theory]
    [InlineData("--csv", "fit", "--csv", "a b")]
    [InlineData("--answer", "answer", "--answer", "m", "--csv", "a.csv", "--follow")]
    [InlineData("--seeds", "fit", "--seeds=5", "--mode", "async")]
    public async Task An_option_that_the_tool_has_names_the_command_there(string option, string command, params string[] arguments)
    {
        var run = await ProgramProcess.RunAsync(arguments);

        Assert.Equal((2, $"quickstart: {option}: this is an option of the tool: streamlearn {command} --help (see --help)\n"),
            (run.ExitCode, run.Error));
    }

    [Fact]
    public void The_demo_has_thirteen_options()
    {
        var command = new System.CommandLine.Command("demo");
        new Quickstart.Choices().AddTo(command);

        Assert.Equal(13, command.Options.Count(static o => !o.Hidden));
    }

    [Theory]
    [InlineData("> /dev/full", "--help")]
    [InlineData("> /dev/full", "--explain")]
    [InlineData(">&-", "--devices 2 --seconds 20 --mode async")]
    public async Task Output_that_cannot_be_written_is_one_line(string redirection, string arguments) =>
        AssertMistake(73, await ProgramProcess.RedirectedAsync(redirection, arguments));

    private static void AssertMistake(int exitCode, ProgramProcess run)
    {
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("quickstart: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error + run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_scenario_names_its_place()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("bad.json"), """{ "stragglers": -1 }""", TestContext.Current.CancellationToken);

        var run = await ProgramProcess.RunAsync("--scenario", folder.File("bad.json"));

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("stragglers", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
