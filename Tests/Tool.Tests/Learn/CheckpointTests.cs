using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Tool.Tests;

/// <summary>The program with <c>--checkpoint</c>, interrupted and killed as a user does it: the same command goes on.</summary>
public sealed class CheckpointTests
{
    /// <summary>Measured by a clock, so that no two runs have the same.</summary>
    private static readonly string[] Measured = ["wall_seconds", "inference_time_fraction"];

    private const string Faults = """
        {
          "defaults": { "megaMultiplyAddsPerSecond": 12.5, "jitter": 0.05, "upMegabitsPerSecond": 1, "downMegabitsPerSecond": 2,
            "delayMilliseconds": 30 },
          "speedSpread": 0.3, "stragglers": ["#0"], "stragglerSlowdown": 5, "replaySpeed": 8, "randomPhase": true,
          "faults": [ { "device": "#1", "kind": "stuck", "channel": "acc x", "fromSeconds": 1 } ],
          "failures": [
            { "atSeconds": 2, "device": "#3", "kind": "crash" }, { "atSeconds": 5, "device": "#3", "kind": "rejoin" },
            { "atSeconds": 60, "device": "#4", "kind": "leave" } ]
        }
        """;

    [Fact]
    public async Task A_job_that_is_interrupted_and_killed_goes_on_and_ends_with_the_bits_of_an_undisturbed_one()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("faults.json"), Faults, TestContext.Current.CancellationToken);
        string[] job = ["fit", "--devices", "8", "--seconds", "300", "--scenario", folder.File("faults.json")];
        string[] saved = [.. job, "--checkpoint", folder.File("saved"), "--out", folder.File("out")];

        var undisturbed = await ToolRun.RunAsync([.. job, "--out", folder.File("alone")]);
        var interrupted = await EndedAsync("-INT", static _ => true, saved);
        var before = Files(folder);
        var another = await ToolRun.RunAsync([.. saved, "--seed", "7"]);
        var killed = await EndedAsync("-KILL", _ => Files(folder).Except(before).Any(), saved);
        var finished = await ProgramProcess.RunAsync(saved);

        Assert.Equal((130, 137), (interrupted.ExitCode, killed.ExitCode));
        Assert.Matches(
            "^streamlearn: interrupted; saving the fleet\nstreamlearn: interrupted; saved async at [0-9.]+ s, barrier at [0-9.]+ s "
                + "of 300 s virtual time in .*: the same command resumes\n$", interrupted.Error);
        Assert.Contains("  saved    goes on, async from ", killed.Output, StringComparison.Ordinal);
        Assert.Contains("  saved    goes on, async from ", finished.Output, StringComparison.Ordinal);
        Assert.Equal(2, another.ExitCode);
        Assert.Matches("^streamlearn: --checkpoint: the job in .* has --seed 42, this one 7: repeat its command, or use another folder\n$",
            another.Error);
        Assert.Equal((undisturbed.ExitCode, ""), (finished.ExitCode, finished.Error));
        Assert.Equal(await ResultAsync(folder, "alone"), await ResultAsync(folder, "out"));
        Assert.Equal(await folder.ReadAsync("alone/accuracy.csv"), await folder.ReadAsync("out/accuracy.csv"));
        Assert.Empty(Files(folder));
    }

    [Fact]
    public async Task A_job_that_has_ended_begins_anew_and_one_that_another_run_works_on_is_refused()
    {
        using var folder = new TemporaryFolder();
        string[] job = ["fit", "--devices", "6", "--mode", "async", "--seconds", "40", "--checkpoint", folder.File("saved")];

        var first = await ToolRun.RunAsync([.. job, "--out", folder.File("first")]);
        var second = await ToolRun.RunAsync([.. job, "--out", folder.File("second")]);
        using var held = new FileStream(folder.File("saved/.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var third = await ToolRun.RunAsync(job);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.DoesNotContain("  saved ", first.Output, StringComparison.Ordinal);
        Assert.Matches("  saved    the job in .* had ended: starting over", second.Output);
        Assert.Equal(await ResultAsync(folder, "first"), await ResultAsync(folder, "second"));
        Assert.Equal(73, third.ExitCode);
        Assert.Contains("is in use by another run", third.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("job.json", "{ \"has_ended\": 7 }", 65, "was not written by this program")]
    [InlineData("async/checkpoint-000000000001", "no checkpoint", 2, "has files of another program")]
    public async Task A_folder_of_something_else_is_refused_and_left_alone(string file, string text, int exitCode, string reason)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("async"));
        await File.WriteAllTextAsync(folder.File(file), text, TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("fit", "--devices", "2", "--seconds", "10", "--checkpoint", folder.Path);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(reason, Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(text, await folder.ReadAsync(file));
    }

    private static List<string> Files(TemporaryFolder folder) =>
        [.. Directory.EnumerateFiles(folder.File("saved"), "checkpoint-*", SearchOption.AllDirectories)];

    private static async Task<string> ResultAsync(TemporaryFolder folder, string name)
    {
        var result = JsonNode.Parse(await folder.ReadAsync($"{name}/result.json"))!.AsObject();
        foreach (var part in new[] { result }.Concat(result["runs"]!.AsArray().Select(static r => r!.AsObject())))
        {
            foreach (var key in Measured) { part.Remove(key); }
        }

        return result.ToJsonString();
    }

    /// <summary>Runs the program and sends it a signal, as soon as a line of a run came and a condition holds.</summary>
    private static Task<ProgramProcess> EndedAsync(string signal, Func<string, bool> isTime, string[] arguments)
    {
        var sent = false;
        return ProgramProcess.RunAsync([], async (process, line) =>
        {
            if (sent || !line.StartsWith("simulating ", StringComparison.Ordinal) || !isTime(line)) { return; }
            sent = true;
            using var kill = Process.Start("kill", [signal, $"{process.Id}"]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }, arguments);
    }
}
