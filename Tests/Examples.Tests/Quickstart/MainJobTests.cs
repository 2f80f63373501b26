using System.Runtime.Intrinsics;
using static Examples.Tests.Results;

namespace Examples.Tests;

public sealed class MainJobTests(ShortRecordings recordings)
{
    private static readonly string[] Keys =
    [
        "accuracy", "accuracy_barrier", "virtual_seconds_to_target", "virtual_seconds_to_target_barrier",
        "early_exit_share", "macs_fraction", "accuracy_full_network", "weights_sha256",
        "rows_in", "rows_windowed", "rows_held", "rows_dropped", "rows_trained", "bytes_up",
        "devices", "seed", "host", "versions", "updates_applied", "prequential_accuracy", "virtual_seconds", "wall_seconds", "vector_bits",
        "doubts", "staleness_p50", "staleness_p95", "updates_sent", "updates_refused", "updates_lost", "updates_unknown",
        "connection_losses",
    ];

    private static Task<JsonElement>? _first;

    /// <summary>A small fleet, a short time: for what does not depend on how well it learns.</summary>
    private string[] Small => [.. recordings.Data, "--devices", "6", "--seconds", "40"];

    [Fact]
    public async Task The_fleet_learns_above_the_floor_its_rows_add_up_and_exits_save_work()
    {
        var result = await ProgramProcess.ResultAsync([], Recordings.Arguments);

        Assert.All(Keys, key => Assert.True(result.TryGetProperty(key, out _), key));
        Assert.InRange(Number(result, "accuracy"), Recordings.Floor, 1);
        Assert.True(Number(result, "macs_fraction") <= Recordings.MaxWork, $"{Number(result, "macs_fraction")} of the multiply-adds");
        Assert.True(Number(result, "accuracy") >= Number(result, "accuracy_full_network") - 0.005);
        Assert.True(Number(result, "virtual_seconds_to_target") < Number(result, "virtual_seconds_to_target_barrier"));
        AssertLedger(result);
        var states = result.GetProperty("devices").EnumerateArray().Select(d => d.GetProperty("state").GetString()).ToList();
        Assert.Single(states, "stuck");
        Assert.Single(states, "future");
        if (Recordings.Folder is null) { return; }
        Assert.Equal(21, states.Count);
        Assert.Equal(2877, result.GetProperty("test_rows").GetInt64());
    }

    [LongFact]
    public async Task Without_waiting_the_target_is_reached_at_least_three_times_earlier()
    {
        var seeds = LongForm.IsAsked ? new[] { "0", "1", "2" } : ["0"];
        foreach (var seed in seeds)
        {
            string[] arguments =
                [.. Recordings.Arguments, "--scenario", Scenario("straggler.json"), "--seed", seed, "--goal", Recordings.Target];
            var result = await ProgramProcess.ResultAsync([], arguments);

            var reached = result.GetProperty("virtual_seconds_to_target_barrier");
            var free = Number(result, "virtual_seconds_to_target");
            var barrier = reached.ValueKind == JsonValueKind.Null ? Number(result, "virtual_seconds") : reached.GetDouble();
            Assert.True(barrier >= 3 * free, $"seed {seed}: {free} s against {barrier} s");
        }
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        var first = await (_first ??= FirstAsync());
        var second = await ProgramProcess.ResultAsync([], [.. Small, "--seed", "7"]);
        var other = await ProgramProcess.ResultAsync([], [.. Small, "--seed", "8"]);

        Assert.Equal(Weights(first), Weights(second));
        Assert.Equal(BarrierWeights(first), BarrierWeights(second));
        Assert.Equal(first.GetProperty("events").GetInt64(), second.GetProperty("events").GetInt64());
        Assert.NotEqual(Weights(first), Weights(other));
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0", 512)]
    [InlineData("DOTNET_PreferredVectorBitWidth", "128", 256)]
    public async Task Narrower_vectors_give_the_same_weights(string variable, string value, int narrowerThan)
    {
        var wide = await (_first ??= FirstAsync());
        var narrow = await ProgramProcess.ResultAsync(new() { [variable] = value }, [.. Small, "--seed", "7"]);

        var widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        Assert.Equal(widest, wide.GetProperty("vector_bits").GetInt32());
        if (widest >= narrowerThan) { Assert.InRange(narrow.GetProperty("vector_bits").GetInt32(), 128, narrowerThan - 1); }
        Assert.Equal(Weights(wide), Weights(narrow));
        Assert.Equal(Number(wide, "accuracy"), Number(narrow, "accuracy"));
    }

    [Fact]
    public async Task Without_FMA_one_line_says_at_the_start_how_slow_it_is()
    {
        var slow = await ProgramProcess.RunAsync(new Dictionary<string, string> { ["DOTNET_EnableHWIntrinsic"] = "0" },
            "--devices", "2", "--mode", "async", "--seconds", "1");

        Assert.Single(slow.Error.Split('\n'), l => l.StartsWith("quickstart: ", StringComparison.Ordinal)
            && l.Contains("models run ten to forty times slower", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Thin_links_and_an_outage_lose_no_row()
    {
        string[] arguments = [.. Recordings.Arguments, "--devices", "6", "--mode", "async", "--scenario", Scenario("outage.json")];
        var slow = await ProgramProcess.ResultAsync([], arguments);

        AssertLedger(slow);
        Assert.Equal(0, slow.GetProperty("doubts").GetArrayLength());
    }

    [Fact]
    public async Task A_run_that_ends_amid_an_outage_says_what_is_doubtful_and_ends_with_3()
    {
        using var folder = new TemporaryFolder();

        var run = await ProgramProcess.RunAsync(["--devices", "6", "--seconds", "150", "--mode", "async",
            "--scenario", Scenario("outage.json"), "--out", folder.Path]);

        Assert.Equal((3, ""), (run.ExitCode, run.Error));
        Assert.Matches("\n  doubts     async: [0-9]+ updates? without an answer when the device ended\n", run.Output);
        var result = await folder.ResultAsync();
        AssertLedger(result);
        Assert.Equal("losses", Assert.Single(result.GetProperty("doubts").EnumerateArray()).GetProperty("kind").GetString());
        var report = await folder.ReadAsync("report.html");
        Assert.Contains("<h2 class=\"minor\">This result is doubtful</h2>", report, StringComparison.Ordinal);
    }

    private Task<JsonElement> FirstAsync() => ProgramProcess.ResultAsync([], [.. Small, "--seed", "7"]);

    private static string BarrierWeights(JsonElement result) => result.GetProperty("runs")[1].GetProperty("weights_sha256").GetString()!;
}
