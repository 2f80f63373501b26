namespace Tool.Tests;

/// <summary>What <c>fit</c>, <c>look</c> and <c>answer</c> say when something is wrong.</summary>
public sealed class LearnMistakeTests
{
    [Theory]
    [InlineData(2, "fit", "--seeds", "0")]
    [InlineData(2, "fit", "--checkpoint", "saved", "--seeds", "3")]
    [InlineData(73, "fit", "--devices", "4", "--checkpoint", "/dev/null/saved")]
    [InlineData(2, "fit", "--bogus")]
    [InlineData(2, "infer", "m", "--rows", "-")]
    [InlineData(73, "fit", "--devices", "4", "--seconds", "20", "--json", "/dev/full")]
    [InlineData(2, "look")]
    [InlineData(2, "answer", "model.safetensors")]
    [InlineData(65, "fit", "--csv", "rows.csv")]
    [InlineData(73, "fit", "--devices", "4", "--out", "/dev/null/out")]
    public async Task A_mistake_is_one_line_with_its_exit_code_and_no_stack_trace(int exitCode, params string[] arguments) =>
        AssertMistake(exitCode, await ToolRun.RunAsync(arguments));

    [Fact]
    public async Task An_option_that_went_is_refused_with_what_to_do_instead()
    {
        foreach (var (option, instead) in GoneOptions.Table)
        {
            var run = await ToolRun.RunAsync("fit", option, "x", "--devices", "2");

            Assert.Equal((2, $"streamlearn: {option}: {instead} (see --help)\n"), (run.ExitCode, run.Error));
        }

        AssertMistake(2, await ToolRun.RunAsync("fit", "--host=dataflow"));
    }

    [Theory]
    [InlineData("> /dev/full", "fit --explain")]
    [InlineData("> /dev/full", "fit --devices 2 --seconds 20 --mode async")]
    [InlineData(">&-", "fit --devices 2 --seconds 20 --mode async")]
    public async Task Output_that_cannot_be_written_is_one_line(string redirection, string arguments) =>
        AssertMistake(73, await ProgramProcess.RedirectedAsync(redirection, arguments));

    private static void AssertMistake(int exitCode, ProgramProcess run)
    {
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("streamlearn: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error + run.Output, StringComparison.Ordinal);
    }
}
