namespace Quickstart.Tests;

/// <summary>What the program says when something is asked or wrong.</summary>
public sealed class CommandLineTests(ShortRecordings recordings)
{
    [Fact]
    public async Task Help_shows_examples_and_exit_codes()
    {
        var run = await QuickstartProcess.RunAsync("--help");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", run.Output, StringComparison.Ordinal);
        Assert.Contains("3 done, but staleness", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mermaid", "flowchart LR")]
    [InlineData("dot", "digraph")]
    public async Task Graph_prints_both_pipelines(string format, string start)
    {
        var run = await QuickstartProcess.RunAsync("--graph", format);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, run.Output.Split(start).Length);
        Assert.Contains("window", run.Output, StringComparison.Ordinal);
        Assert.Contains("aggregate", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_prints_policy_capacity_bytes_delivery_and_state()
    {
        var run = await QuickstartProcess.RunAsync("--explain");

        Assert.Equal(0, run.ExitCode);
        Assert.All(["worst case", "delivery processed", "wait, 64 messages, 8 MiB", "state, not covered"],
            text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redirected_output_is_plain_lines_without_escapes()
    {
        var run = await QuickstartProcess.RunAsync("--devices", "4", "--seconds", "20");

        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.Contains("accuracy", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Out_writes_the_result_the_pictures_and_the_graphs()
    {
        using var folder = new TemporaryFolder();

        var run = await QuickstartProcess.RunAsync("--devices", "4", "--seconds", "20", "--out", folder.File("out"));

        Assert.Equal(0, run.ExitCode);
        string[] expected = ["accuracy.csv", "accuracy.svg", "aggregator.dot", "aggregator.mmd", "events.jsonl", "explain.txt",
            "model.safetensors", "report.html", "result.json", "sensor.dot", "sensor.mmd"];
        Assert.Equal(expected, Directory.GetFiles(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("<svg",
            await File.ReadAllTextAsync(Path.Combine(folder.File("out"), "accuracy.svg"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_without_a_link_is_a_mistake()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("login"), "fleet\ns3cret\n", TestContext.Current.CancellationToken);

        var run = await QuickstartProcess.RunAsync("--devices", "2", "--seconds", "5", "--login", folder.File("login"));

        Assert.Equal((2, "quickstart: --login: expected a file, and --link (--help shows what there is)\n"), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData(2, "--bogus")]
    [InlineData(2, "--devices", "0")]
    [InlineData(2, "--devices", "many")]
    [InlineData(2, "--graph", "png")]
    [InlineData(2, "--record", "run.slrec")]
    [InlineData(2, "--record", "run.slrec", "--host", "dataflow", "--mode", "both")]
    [InlineData(2, "--steps", "continuous", "--host", "dataflow")]
    [InlineData(2, "--link", "http://localhost")]
    [InlineData(2, "--link", "mqtt://localhost/topic")]
    [InlineData(2, "--link", "mqtt://user:password@localhost")]
    [InlineData(2, "--link", "mqtt:///")]
    [InlineData(2, "--link", "mqtt://localhost:0")]
    [InlineData(2, "--login", "no-such-file", "--link", "mqtt://localhost")]
    [InlineData(2, "--link", "mqtt://localhost", "--host", "simulation")]
    [InlineData(2, "--link", "mqtt://localhost", "--login", "no-such-file")]
    [InlineData(2, "--target", "2")]
    [InlineData(2, "--mode", "7")]
    [InlineData(2, "--host", "1")]
    [InlineData(2, "--steps", "0")]
    [InlineData(2, "--seeds", "0")]
    [InlineData(2, "--contrast", "--mode", "async")]
    [InlineData(2, "--contrast", "--host", "dataflow")]
    [InlineData(2, "--replay", "run.slrec", "--host", "dataflow")]
    [InlineData(2, "--replay", "run.slrec", "--mode", "both")]
    [InlineData(2, "--replay", "run.slrec", "--seeds", "3")]
    [InlineData(2, "--checkpoint", "saved", "--host", "dataflow", "--mode", "async", "--record", "run.slrec")]
    [InlineData(2, "--checkpoint", "saved", "--seeds", "3")]
    [InlineData(2, "--checkpoint", "saved", "--replay", "run.slrec")]
    [InlineData(73, "--devices", "4", "--checkpoint", "/dev/null/saved")]
    [InlineData(73, "--devices", "4", "--seconds", "20", "--json", "/dev/full")]
    [InlineData(2, "--seconds", "0")]
    [InlineData(73, "--devices", "4", "--out", "/dev/null/out")]
    [InlineData(65, "--data", "no-such-folder")]
    [InlineData(65, "--replay", "no-such-file")]
    [InlineData(78, "--scenario", "no-such-file")]
    [InlineData(73, "--devices", "4", "--seconds", "20", "--json", "/dev/null/result.json")]
    public async Task A_mistake_is_one_line_with_its_exit_code_and_no_stack_trace(int exitCode, params string[] arguments) =>
        AssertMistake(exitCode, await QuickstartProcess.RunAsync(arguments));

    [Fact]
    public async Task A_recording_that_finds_a_full_disk_is_one_line_after_the_run() => AssertMistake(73, await QuickstartProcess.RunAsync(
        [.. recordings.Data, "--devices", "2", "--host", "dataflow", "--record", "/dev/full"]));

    [Theory]
    [InlineData("> /dev/full", "--help")]
    [InlineData("> /dev/full", "--explain")]
    [InlineData("> /dev/full", "--devices 2 --seconds 20 --mode async")]
    [InlineData(">&-", "--devices 2 --seconds 20 --mode async")]
    public async Task Output_that_cannot_be_written_is_one_line(string redirection, string arguments) =>
        AssertMistake(73, await QuickstartProcess.RedirectedAsync(redirection, arguments));

    private static void AssertMistake(int exitCode, QuickstartProcess run)
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

        var run = await QuickstartProcess.RunAsync("--scenario", folder.File("bad.json"));

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("stragglers", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_damaged_recording_is_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("run.slrec"), "streamlearn-run 1\nnonsense\n", TestContext.Current.CancellationToken);

        var run = await QuickstartProcess.RunAsync("--replay", folder.File("run.slrec"));

        Assert.Equal(65, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
