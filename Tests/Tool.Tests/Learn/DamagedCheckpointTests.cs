using System.Diagnostics;

namespace Tool.Tests;

/// <summary>A job on real threads of which somebody takes away, cuts or blocks what it has saved.</summary>
public sealed class DamagedCheckpointTests(ShortRecordings recordings) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string[] LongJob => ["fit", "--devices", "4", "--mode", "async", "--host", "dataflow", "--out", _folder.Path,
        "--checkpoint", _folder.File("saved")];

    private string[] Job => [.. LongJob, .. recordings.Data];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_participant_whose_folder_is_gone_is_named_and_one_whose_newest_checkpoint_is_cut_makes_the_result_doubtful()
    {
        var interrupted = await RunAsync(Job, (process, line) =>
            IsOfRun(line) && Sensor() is not null ? InterruptAsync(process) : Task.CompletedTask);
        var sensor = Sensor()!;
        Directory.Move(sensor, _folder.File("aside"));
        var without = await ProgramProcess.RunAsync(Job);
        Directory.Move(_folder.File("aside"), sensor);
        var newest = Directory.EnumerateFiles(sensor, "checkpoint-*").Order(StringComparer.Ordinal).Last();
        await using (var file = File.OpenWrite(newest)) { file.SetLength(file.Length - 1); }
        var finished = await ProgramProcess.RunAsync(Job);

        Assert.Equal(130, interrupted.ExitCode);
        Assert.Equal((65, $"streamlearn: --checkpoint: {sensor} is missing, and the job cannot resume without it: restore it "
            + "(to start over, use another folder, or delete the whole folder: its files belong together)\n"),
            (without.ExitCode, without.Error));
        Assert.True(finished.ExitCode == 3, $"{finished.ExitCode}: {finished.Output}{finished.Error}");
        var name = Path.GetFileName(sensor);
        Assert.Matches($"\n  saved    {name} resumes from checkpoint [0-9]+ and repeats later work "
            + @"\(checkpoint-[0-9]+: .*\)" + "\n", finished.Output);
        Assert.DoesNotContain("DOES NOT ADD UP", finished.Output, StringComparison.Ordinal);
        using var result = JsonDocument.Parse(await _folder.ReadAsync("result.json"));
        Assert.Contains(result.RootElement.GetProperty("doubts").EnumerateArray(), d => d.GetProperty("kind").GetString() == "checkpoint"
            && d.GetProperty("text").GetString()!.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Saving_that_fails_is_told_at_once_and_a_folder_that_is_deleted_is_made_again()
    {
        var (step, blocked) = (0, "");
        await File.WriteAllTextAsync(_folder.File("nothing.json"), "{ }", TestContext.Current.CancellationToken);
        string[] job = [.. LongJob, "--scenario", _folder.File("nothing.json")];        // no device ends early
        var interrupted = await RunAsync(job, async (process, line) =>
        {
            switch (step)
            {
                case 0 when IsOfRun(line) && Sensor() is { } sensor:
                    step++;
                    blocked = sensor;
                    Block(blocked);
                    break;
                case 1 when line.Contains("SAVING FAILS, so held messages are not sent: ", StringComparison.Ordinal):
                    step++;
                    File.Delete(blocked);
                    break;
                case 2 when line.EndsWith(" s  saving works again", StringComparison.Ordinal):
                    step++;
                    Remove(_folder.File("saved"));
                    break;
                case 3 when File.Exists(_folder.File("saved/job.json")):
                    step++;
                    await InterruptAsync(process);
                    break;
            }
        });
        var next = await RunAsync(job, (process, line) => IsOfRun(line) ? InterruptAsync(process) : Task.CompletedTask);

        Assert.True((step, interrupted.ExitCode) == (4, 130), $"{step}, {interrupted.ExitCode}: {interrupted.Output}{interrupted.Error}");
        Assert.Contains("saved async at ", interrupted.Error, StringComparison.Ordinal);
        Assert.True(next.ExitCode == 130, $"{next.ExitCode}: {interrupted.Output}{next.Output}{next.Error}");
        Assert.Contains("  saved    goes on, async from ", next.Output, StringComparison.Ordinal);
    }

    /// <summary>Puts a file where a folder was; the job may make the folder anew before the file is there.</summary>
    private void Block(string folder)
    {
        while (!File.Exists(folder))
        {
            if (Directory.Exists(folder)) { Remove(folder); }
            try
            {
                using var file = new FileStream(folder, FileMode.CreateNew);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }      // the folder is there again
        }
    }

    /// <summary>Takes away at once a folder into which the job is writing: one that is emptied file by file may fill again.</summary>
    private void Remove(string folder)
    {
        var away = _folder.File("away");
        Directory.Move(folder, away);
        Directory.Delete(away, recursive: true);
    }

    /// <summary>The folder of a sensor that has saved twice; null: there is none yet.</summary>
    private string? Sensor() => Directory.EnumerateDirectories(_folder.File("saved/async"))
        .FirstOrDefault(static d => Path.GetFileName(d) != "aggregator" && Directory.EnumerateFiles(d, "checkpoint-*").Skip(1).Any());

    private static Task<ProgramProcess> RunAsync(string[] job, Func<Process, string, Task> onLine) =>
        ProgramProcess.RunAsync([], onLine, job);

    private static bool IsOfRun(string line) =>
        line.StartsWith("mode=", StringComparison.Ordinal) && !line.Contains("real=0.", StringComparison.Ordinal);

    private static async Task InterruptAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
