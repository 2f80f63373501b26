using static Quickstart.Tests.Results;

namespace Tool.Tests;

/// <summary>A fleet on real threads learns as one in virtual time does, and its recording gives its bits again.</summary>
public sealed class RealThreadsTests(ShortRecordings recordings)
{
    private const double SmallFloor = 0.5;      // three devices for a few rounds: chance is 1/6

    [Fact]
    public async Task The_dataflow_host_keeps_the_ledger_and_learns_and_its_recording_gives_its_bits()
    {
        using var folder = new TemporaryFolder();
        var recording = folder.File("run.slrec");
        string[] arguments = ["fit", .. Recordings.Arguments, "--devices", "3"];

        var recorded = await ToolRun.ResultAsync([.. arguments, "--host", "dataflow", "--record", recording]);
        var replayed = await ToolRun.ResultAsync("replay", recording);

        AssertLedger(recorded);
        AssertLedger(replayed);
        Assert.InRange(Number(recorded, "accuracy"), SmallFloor, 1);
        Assert.Equal(Weights(recorded), Weights(replayed));
        Assert.Equal(Number(recorded, "accuracy"), Number(replayed, "accuracy"));
        Assert.Equal(recorded.GetProperty("rows_trained").GetInt64(), replayed.GetProperty("rows_trained").GetInt64());
        Assert.Equal("slow stuck", string.Join(" ", StatesOf(recorded).Take(2)));
        Assert.Equal("stuck", StatesOf(replayed)[1]);
    }

    [Fact]
    public async Task Behind_a_barrier_both_hosts_give_the_same_weights()
    {
        string[] arguments =
        [
            "fit", .. recordings.Data, "--devices", "2", "--mode", "barrier", "--steps", "rows", "--scenario", Scenario("straggler.json"),
        ];
        var simulated = await ToolRun.ResultAsync([.. arguments, "--seconds", "30000"]);
        var dataflow = await ToolRun.ResultAsync([.. arguments, "--host", "dataflow"]);

        Assert.Equal(Weights(simulated), Weights(dataflow));
    }

    private static string?[] StatesOf(JsonElement result) =>
        [.. result.GetProperty("devices").EnumerateArray().Select(d => d.GetProperty("state").GetString())];
}
