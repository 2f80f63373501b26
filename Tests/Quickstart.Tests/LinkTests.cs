using StreamLearn.Testing;

namespace Quickstart.Tests;

/// <summary>The fleet through a real server.</summary>
public sealed class LinkTests
{
    [Fact]
    public async Task Through_a_server_the_fleet_learns_as_it_does_in_the_process()
    {
        await using var server = await Mosquitto.StartAsync(new() { More = ["max_queued_messages 0"] });
        string[] arguments = ["--devices", "2", "--mode", "barrier"];

        var linked = await QuickstartProcess.ResultAsync([], [.. arguments, "--link", $"{server.Uri}"]);
        var inProcess = await QuickstartProcess.ResultAsync([], [.. arguments, "--host", "dataflow"]);

        Assert.Equal("dataflow", linked.GetProperty("host").GetString());
        Assert.Equal(inProcess.EnumerateObject().Select(p => p.Name), linked.EnumerateObject().Select(p => p.Name));
        Assert.All(["weights_sha256", "versions", "updates_applied", "rows_trained", "rows_windowed", "ledger_adds_up"], key =>
            Assert.Equal(inProcess.GetProperty(key).GetRawText(), linked.GetProperty(key).GetRawText()));
    }

    [Fact]
    public async Task What_a_server_drops_is_told_and_ends_the_program_with_1()
    {
        await using var server = await Mosquitto.StartAsync(new() { More = ["max_queued_messages 1"] });
        using var folder = new TemporaryFolder();

        var run = await QuickstartProcess.RunAsync("--devices", "12", "--link", $"{server.Uri}", "--out", folder.Path);

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Contains("  LOST  ", run.Output, StringComparison.Ordinal);
        var report = await File.ReadAllTextAsync(folder.File("report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<span class=\"tag\">lost</span>", report, StringComparison.Ordinal);
        Assert.Contains($"dataflow over {server.Uri.ToString().TrimEnd('/')} ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_one_line_and_exit_code_1()
    {
        var run = await QuickstartProcess.RunAsync("--devices", "4", "--link", $"mqtt://127.0.0.1:{LoopbackPort.Take()}");

        Assert.Equal(1, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("quickstart: --link: no connection to ", run.Error, StringComparison.Ordinal);
    }
}
