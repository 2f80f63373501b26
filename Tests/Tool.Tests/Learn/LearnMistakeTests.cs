namespace Tool.Tests;

public sealed class LearnMistakeTests(ShortRecordings recordings)
{
    [Fact]
    public async Task A_login_without_a_link_is_a_mistake()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("login"), "fleet\ns3cret\n", TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("fit", "--devices", "2", "--seconds", "5", "--login", folder.File("login"));

        Assert.Equal((2, "streamlearn: --login: expected a file, and --link (see --help)\n"), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData(2, "fit", "--record", "run.slrec")]
    [InlineData(2, "fit", "--record", "run.slrec", "--host", "dataflow", "--mode", "both")]
    [InlineData(2, "fit", "--steps", "continuous", "--host", "dataflow")]
    [InlineData(2, "fit", "--link", "http://localhost")]
    [InlineData(2, "fit", "--link", "mqtt://localhost/topic")]
    [InlineData(2, "fit", "--link", "mqtt://user:password@localhost")]
    [InlineData(2, "fit", "--link", "mqtt:///")]
    [InlineData(2, "fit", "--link", "mqtt://localhost:0")]
    [InlineData(2, "fit", "--login", "no-such-file", "--link", "mqtt://localhost")]
    [InlineData(2, "fit", "--link", "mqtt://localhost", "--host", "simulation")]
    [InlineData(2, "fit", "--link", "mqtt://localhost", "--login", "no-such-file")]
    [InlineData(2, "fit", "--host", "1")]
    [InlineData(2, "fit", "--seeds", "0")]
    [InlineData(2, "fit", "--contrast", "--host", "dataflow")]
    [InlineData(2, "fit", "--checkpoint", "saved", "--host", "dataflow", "--mode", "async", "--record", "run.slrec")]
    [InlineData(2, "fit", "--checkpoint", "saved", "--seeds", "3")]
    [InlineData(73, "fit", "--devices", "4", "--checkpoint", "/dev/null/saved")]
    [InlineData(2, "fit", "--bogus")]
    [InlineData(2, "infer", "m", "--rows", "-")]
    [InlineData(73, "fit", "--devices", "4", "--seconds", "20", "--json", "/dev/full")]
    [InlineData(2, "replay", "run.slrec", "--host", "dataflow")]
    [InlineData(2, "replay", "run.slrec", "--mode", "both")]
    [InlineData(2, "replay", "run.slrec", "--seeds", "3")]
    [InlineData(2, "replay", "run.slrec", "--checkpoint", "saved")]
    [InlineData(2, "replay")]
    [InlineData(2, "look")]
    [InlineData(2, "answer", "model.safetensors")]
    [InlineData(2, "fit", "--csv", "rows.csv")]
    [InlineData(65, "replay", "no-such-file")]
    [InlineData(73, "fit", "--devices", "4", "--out", "/dev/null/out")]
    public async Task A_mistake_is_one_line_with_its_exit_code_and_no_stack_trace(int exitCode, params string[] arguments) =>
        AssertMistake(exitCode, await ToolRun.RunAsync(arguments));

    [Fact]
    public async Task A_recording_that_finds_a_full_disk_is_one_line_after_the_run() => AssertMistake(73, await ProgramProcess.RunAsync(
        ["fit", .. recordings.Data, "--devices", "2", "--host", "dataflow", "--record", "/dev/full"]));

    [Theory]
    [InlineData("> /dev/full", "fit --explain")]
    [InlineData("> /dev/full", "fit --devices 2 --seconds 20 --mode async")]
    [InlineData(">&-", "fit --devices 2 --seconds 20 --mode async")]
    public async Task Output_that_cannot_be_written_is_one_line(string redirection, string arguments) =>
        AssertMistake(73, await ProgramProcess.RedirectedAsync(redirection, arguments));

    [Fact]
    public async Task A_damaged_recording_is_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("run.slrec"), "streamlearn-run 1\nnonsense\n", TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("replay", folder.File("run.slrec"));

        Assert.Equal(65, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    private static void AssertMistake(int exitCode, ProgramProcess run)
    {
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("streamlearn: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error + run.Output, StringComparison.Ordinal);
    }
}
