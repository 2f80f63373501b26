namespace Tool.Tests;

/// <summary>What a run says of itself is what happened in it.</summary>
public sealed class TruthTests(ShortRecordings recordings)
{
    [Fact]
    public async Task A_device_that_was_slow_for_the_whole_run_is_a_straggler_though_not_at_its_end()
    {
        using var folder = new TemporaryFolder();

        var run = await ToolRun.RunAsync("fit", "--devices", "6", "--mode", "async", "--out", folder.Path);

        Assert.Equal(0, run.ExitCode);
        var events = await EventsAsync(folder);
        var slow = Assert.Single(events.OfType<StragglerSeen>(), s => s.Score >= 2);
        Assert.Equal(("user-001", "computing"), (slow.Device, slow.Reason));
        Assert.InRange(slow.SlowRounds, slow.Rounds / 2, slow.Rounds);
        Assert.Contains("<b>user-001</b> took ", await folder.ReadAsync("report.html"), StringComparison.Ordinal);
        Assert.All(events, e => Assert.True(e.Seconds <= 300, $"{RunEvents.Line(e)} is later than the result"));
    }

    [Fact]
    public async Task A_run_that_ends_before_a_crash_does_not_speak_of_it()
    {
        var run = await ToolRun.RunAsync("fit", "--devices", "5", "--seconds", "50", "--mode", "async");

        Assert.Contains("\n  pretends one device 9 times slower, one device with a stuck axis, "
            + "one device with a wrong clock, "
            + "links of 2 Mbit/s\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accuracy_on_own_rows_and_on_unseen_people_have_names_of_their_own()
    {
        var run = await ToolRun.RunAsync("fit", "--devices", "4", "--seconds", "30", "--mode", "async");

        Assert.DoesNotMatch("(?m)^mode=.* accuracy=", run.Output);
        Assert.Contains("   own rows    sent up", run.Output, StringComparison.Ordinal);
        Assert.Matches("accuracy [0-9.]+ with early exits on [0-9,]+ windows of unseen people\n", run.Output);
    }

    [Fact]
    public async Task Several_seeds_give_a_mean_and_a_spread_in_console_json_and_page()
    {
        using var folder = new TemporaryFolder();

        var run = await ToolRun.RunAsync(
            ["fit", .. recordings.Data, "--devices", "4", "--seconds", "30", "--seeds", "3", "--out", folder.Path]);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^  async      3 seeds: accuracy 0\.[0-9]{3} ± 0\.[0-9]{3} \(0\.[0-9]{3} to 0\.[0-9]{3}\)", run.Output);
        var result = await folder.ResultAsync();
        var spread = result.GetProperty("seeds")[0];
        var seeds = spread.GetProperty("seeds").EnumerateArray().ToList();
        Assert.Equal([42, 43, 44], seeds.Select(s => s.GetProperty("seed").GetInt64()));
        Assert.Equal(seeds.Average(s => s.GetProperty("accuracy").GetDouble()), spread.GetProperty("mean_accuracy").GetDouble(), 1e-12);
        Assert.Equal(result.GetProperty("runs")[0].GetProperty("accuracy").GetDouble(), seeds[0].GetProperty("accuracy").GetDouble());
        Assert.Contains("<caption>Seeds</caption>", await folder.ReadAsync("report.html"), StringComparison.Ordinal);
    }

    private static async Task<List<RunEvent>> EventsAsync(TemporaryFolder folder)
    {
        using var reader = new StringReader(await folder.ReadAsync("events.jsonl"));
        return RunEvents.Read(reader, "events.jsonl");
    }
}
