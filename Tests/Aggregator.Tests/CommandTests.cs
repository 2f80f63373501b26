using System.Diagnostics;

namespace Aggregator.Tests;

public sealed class CommandTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "streamlearn-aggregator.dll");
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fleet_is_shown_as_text_and_as_json_and_it_is_said_that_no_program_runs()
    {
        using var folder = new TemporaryFolder();
        await ConfigureAsync(folder);
        var none = await RunAsync("status", "-c", folder.File("a.yaml"));
        Assert.Equal((69, ""), (none.ExitCode, none.Output));
        Assert.Contains("does the aggregator run on this machine", none.Error, StringComparison.Ordinal);

        await WriteAsync(StateOf(folder));
        var text = await RunAsync("status", "-c", folder.File("a.yaml"));
        var json = await RunAsync("status", "-c", folder.File("a.yaml"), "-o", "json");
        var devices = await RunAsync("devices", "ls", "-c", folder.File("a.yaml"));
        var lines = await RunAsync("devices", "ls", "-c", folder.File("a.yaml"), "-o", "jsonl");
        var updates = await RunAsync("updates", "tail", "-n", "2", "-c", folder.File("a.yaml"));

        Assert.All([text, json, devices, lines], static r => Assert.Equal(69, r.ExitCode));
        Assert.Contains("not running: ", text.Error, StringComparison.Ordinal);
        Assert.Contains("version    1, made", text.Output, StringComparison.Ordinal);
        using var status = JsonDocument.Parse(json.Output);
        Assert.Equal(1, status.RootElement.GetProperty("version").GetInt32());
        Assert.Equal(["DEVICE", "a", "b"], Lines(devices.Output).Select(static l => l.Split(' ')[0]));
        Assert.Equal(2, Lines(lines.Output).Count(static l => JsonDocument.Parse(l) is not null));
        Assert.Equal((0, 3), (updates.ExitCode, Lines(updates.Output).Length));
    }

    [Fact]
    public async Task A_closed_pipe_ends_it_quietly()
    {
        using var folder = new TemporaryFolder();
        await ConfigureAsync(folder);
        await WriteAsync(StateOf(folder), updates: 4000);

        using var shell = Process.Start(new ProcessStartInfo("bash",
            ["-c", "dotnet \"$0\" updates tail -n 100000 -o jsonl -c \"$1\" | head -1; echo ${PIPESTATUS[0]}", Program,
                folder.File("a.yaml")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(Stop), shell.StandardError.ReadToEndAsync(Stop));
        await shell.WaitForExitAsync(Stop);

        Assert.Equal(["0", ""], (await output).Split('\n')[1..]);
        Assert.Equal("", await error);
    }

    [Theory]
    [InlineData(2, "no login", "--http", "0.0.0.0:8080")]
    [InlineData(2, "expected a port", "--http", "somewhere")]
    [InlineData(2, "--set: expected key=value, got 'lease'", "--set", "lease")]
    [InlineData(69, "another program uses this port", "--http", "{taken}")]
    public async Task An_address_that_cannot_be_is_refused_before_anything_runs(int exit, string why, string option, string value)
    {
        using var folder = new TemporaryFolder();
        await using var taken = await DashboardServer.StartAsync(new(System.Net.IPAddress.Loopback, 0),
            static _ => static _ => Task.CompletedTask);
        await File.WriteAllTextAsync(folder.File("a.yaml"), (await RunAsync("config", "init")).Output, Stop);

        var run = await RunAsync("run", "-c", folder.File("a.yaml"), option,
            value.Replace("{taken}", $"{taken.Address.Port}", StringComparison.Ordinal));

        Assert.Equal((exit, ""), (run.ExitCode, run.Output));
        Assert.Contains(why, Assert.Single(Lines(run.Error)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_program_is_seen_and_its_end_too()
    {
        await using var server = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("a.yaml"), (await RunAsync("config", "init")).Output, Stop);
        await ConfigureAsync(folder);
        var state = StateOf(folder);
        using var program = Start("run", "-c", folder.File("a.yaml"), "--set", $"link.url={server.Uri.ToString().TrimEnd('/')}",
            "--http", "0", "--set", $"state={folder.File("state")}");

        Assert.StartsWith("no broker at mqtt://", await program.StandardOutput.ReadLineAsync(Stop), StringComparison.Ordinal);
        Assert.StartsWith("page http://127.0.0.1:", await program.StandardOutput.ReadLineAsync(Stop), StringComparison.Ordinal);
        while (!File.Exists(Path.Join(state, "status.json")))
        {
            Assert.NotNull(await program.StandardOutput.ReadLineAsync(Stop));       // a line each second
        }

        var running = await RunAsync("status", "-c", folder.File("a.yaml"));
        using var kill = Process.Start("kill", ["-TERM", $"{program.Id}"]);
        var rest = await program.StandardOutput.ReadToEndAsync(Stop);
        await program.WaitForExitAsync(Stop);
        var ended = await RunAsync("status", "-c", folder.File("a.yaml"));

        Assert.Equal((0, ""), (running.ExitCode, running.Error));
        Assert.Contains("waiting for updates: streamlearn-sensor run -c sensor.yaml", running.Output, StringComparison.Ordinal);
        Assert.Equal(0, program.ExitCode);
        Assert.EndsWith("version=0 updates=0\n", rest, StringComparison.Ordinal);
        Assert.Equal(69, ended.ExitCode);
        Assert.Contains("not running: it ended", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("a.yaml"), (await RunAsync("config", "init")).Output, Stop);

        var run = await RunAsync("run", "-c", folder.File("a.yaml"), "--set", $"state={folder.File("a.yaml")}");

        Assert.Equal((73, ""), (run.ExitCode, run.Output));
        Assert.Contains("the state folder ", run.Error, StringComparison.Ordinal);
    }

    private static async Task ConfigureAsync(TemporaryFolder folder)
    {
        var sample = (await RunAsync("config", "init")).Output;
        await File.WriteAllTextAsync(folder.File("a.yaml"),
            sample.Replace("state: state ", $"state: {folder.File("state")} ", StringComparison.Ordinal), Stop);
    }

    private static string StateOf(TemporaryFolder folder) =>
        Directory.CreateDirectory(Path.Join(folder.File("state"), "plant", "aggregator")).FullName;

    private static async Task WriteAsync(string path, int updates = 1)
    {
        var state = new StatusFolder(new(path));
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Of(1, 0, ["a", "b"]));
        state.Write(record.At(Rounds.Counted(2), Rounds.Start));
        await using var log = new UpdateLog(state, Assert.Fail);
        log.Start(Rounds.Start);
        log.Add(Rounds.Of(1, 0, Enumerable.Repeat("a", updates), ("b", "norm")));
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        CapturedConsole.RunAsync((output, _) => AggregatorCommands.RunAsync(arguments, output));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
