using System.Diagnostics;

namespace Sensor.Tests;

public sealed partial class FleetScriptTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [LongFact]
    public async Task A_fleet_with_slow_links_and_a_slow_and_a_killed_sensor_ends_well_and_leaves_nothing_behind()
    {
        const double BytesPerSecond = 16_000;       // of each device, on its link
        const double Bursts = 3 * 16_384;           // a killed sensor begins again
        const double MqttShare = 1.25;              // what the aggregator counts has headers and topics

        using var folder = new TemporaryFolder();
        using var files = new TemporaryFolder();
        await File.WriteAllTextAsync(
            files.File("it's a trace.csv"), $"t,bit/s\n0,{8 * BytesPerSecond}\n", TestContext.Current.CancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        using var script = Start(folder, "-n", "2", "--seconds", "6", "--slow", "2", "--kill", "--links", files.File("it's a trace.csv"));

        var (exitCode, output, error) = await EndAsync(script);

        var most = MqttShare * ((2 * BytesPerSecond * TimeProvider.System.GetElapsedTime(began).TotalSeconds) + Bursts);
        var sent = double.Parse(MegabytesUp().Match(output).Groups["up"].Value, CultureInfo.InvariantCulture) * 1e6;
        Assert.True(sent > 0 && sent < most, $"{sent} bytes, at most {most}\n{output}");
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("fleet of 2 devices in 2 sensors at mqtt://127.0.0.1:", output, StringComparison.Ordinal);
        var rows = Table().Matches(output);
        Assert.Equal(["0  (2x slower)", "killed, 0"], rows.Select(r => r.Groups["exit"].Value));
        Assert.All(rows, r => Assert.True(long.Parse(r.Groups["updates"].Value) > 0, output));
        Assert.Matches(@"(?m)^aggregator +\d+ +[1-9]\d* +- +\d+\.\d +0$", output);
        AssertNothingLeft(folder);
    }

    [Fact]
    public async Task An_interrupted_fleet_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using var commands = new TemporaryFolder();
        var (asked, answers) = (commands.File("asked"), commands.File("answers"));
        await File.WriteAllTextAsync(commands.File("date"),
            $"#!/bin/sh\n: > '{asked}'\nuntil [ -e '{answers}' ]; do sleep 0.05; done\nexec /bin/date \"$@\"\n",
            TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(commands.File("date"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using var script = Start(folder, commands, "-n", "2", "--seconds", "600", "--barrier");
        while (!File.Exists(asked))                         // all devices have joined, and the script waits for a command substitution
        {
            Assert.False(script.HasExited, "it ended");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        using var kill = Process.Start("kill", ["-INT", $"{script.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(answers, "", TestContext.Current.CancellationToken);
        var (exitCode, _, _) = await EndAsync(script);

        Assert.Equal(130, exitCode);
        AssertNothingLeft(folder);
    }

    [Theory]
    [InlineData("-n: expected 1 to 999 sensors, got '0'", "-n", "0")]
    [InlineData("--slow: expected a factor of at least 1, got 'x'", "--slow", "x")]
    [InlineData("--data: no folder nowhere", "--data", "nowhere", "--link", "nats://127.0.0.1:1")]
    [InlineData("--links: no file nowhere.csv", "--links", "nowhere.csv")]
    [InlineData("--seconds needs a value", "--seconds")]
    [InlineData("unknown option --what", "--what")]
    public async Task A_wrong_command_line_is_refused_in_one_line(string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        using var script = Start(folder, arguments);

        var (exitCode, output, error) = await EndAsync(script);

        Assert.Equal((2, "", $"fleet.sh: {expected} (see --help)\n"), (exitCode, output, error));
        AssertNothingLeft(folder);
    }

    [GeneratedRegex(@"^[12] +1 +\d+ +\d+ +(?<updates>\d+)  (?<exit>.*)$", RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex(@"^messages: (?<up>\d+\.\d+) MB up", RegexOptions.Multiline)]
    private static partial Regex MegabytesUp();

    private static Process Start(TemporaryFolder folder, params string[] arguments) => Start(folder, commands: null, arguments);

    private static Process Start(TemporaryFolder folder, TemporaryFolder? commands, params string[] arguments)
    {
        // who runs tests in the background of a script ignores SIGINT, and a shell that does so from its start cannot stop ignoring it
        var start = new ProcessStartInfo("env",
            ["--default-signal=INT", "bash", SourceFolder.File("Examples/fleet.sh"), "--programs",
                AppContext.BaseDirectory.TrimEnd('/'), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = folder.Path;
        if (commands is not null) { start.Environment["PATH"] = $"{commands.Path}:{Environment.GetEnvironmentVariable("PATH")}"; }
        return Process.Start(start)!;
    }

    private static async Task<(int ExitCode, string Output, string Error)> EndAsync(Process script)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var (output, error) = (script.StandardOutput.ReadToEndAsync(patience.Token), script.StandardError.ReadToEndAsync(patience.Token));
        await script.WaitForExitAsync(patience.Token);
        return (script.ExitCode, await output, await error);
    }

    private static void AssertNothingLeft(TemporaryFolder folder)
    {
        // the runtime leaves sockets of its own there if it is killed
        Assert.All(Directory.EnumerateFileSystemEntries(folder.Path),
            static e => Assert.Matches("/(clr-debug-pipe|dotnet-diagnostic)-[^/]*$", e));
        Assert.Empty(ProcessesOf(folder));
    }

    /// <summary>The command lines that name the folder: each program of a fleet has its files there.</summary>
    private static List<string> ProcessesOf(TemporaryFolder folder)
    {
        List<string> found = [];
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(static d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                var line = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                if (line.Contains(folder.Path, StringComparison.Ordinal)) { found.Add(line); }
            }
            catch (IOException)
            {
                // it has ended
            }
        }

        return found;
    }
}
