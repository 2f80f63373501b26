using System.Runtime.Intrinsics;
using System.Text.Json;

namespace Quickstart.Tests;

/// <summary>The main job, run as a program.</summary>
public sealed class MainJobTests
{
    private static readonly string[] Keys =
    [
        "accuracy", "weights_sha256", "rows_in", "rows_windowed", "rows_held",
        "rows_dropped", "rows_trained", "bytes_up", "devices", "seed", "host", "versions",
        "updates_applied", "prequential_accuracy", "virtual_seconds", "wall_seconds", "vector_bits",
    ];

    [Fact]
    public async Task The_fleet_learns_above_the_floor_and_its_rows_add_up()
    {
        var result = await QuickstartProcess.ResultAsync([], Recordings.Arguments);

        Assert.All(Keys, key => Assert.True(result.TryGetProperty(key, out _), key));
        Assert.InRange(result.GetProperty("accuracy").GetDouble(), Recordings.Floor, 1);
        AssertLedger(result);
        if (Recordings.Folder is null) { return; }
        Assert.Equal(21, result.GetProperty("devices").GetArrayLength());
        Assert.Equal(2877, result.GetProperty("test_rows").GetInt64());
        Assert.Equal(797_484, result.GetProperty("rows_in").GetInt64());
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        var first = await QuickstartProcess.ResultAsync([], "--seed", "7");
        var second = await QuickstartProcess.ResultAsync([], "--seed", "7");
        var other = await QuickstartProcess.ResultAsync([], "--seed", "8");

        Assert.Equal(Weights(first), Weights(second));
        Assert.Equal(first.GetProperty("events").GetInt64(), second.GetProperty("events").GetInt64());
        Assert.NotEqual(Weights(first), Weights(other));
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0", 512)]
    [InlineData("DOTNET_PreferredVectorBitWidth", "128", 256)]
    public async Task Narrower_vectors_give_the_same_weights(string variable, string value, int narrowerThan)
    {
        var wide = await QuickstartProcess.ResultAsync([], Recordings.Arguments);
        var narrow = await QuickstartProcess.ResultAsync(new() { [variable] = value }, Recordings.Arguments);

        var widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        Assert.Equal(widest, wide.GetProperty("vector_bits").GetInt32());
        if (widest >= narrowerThan) { Assert.InRange(narrow.GetProperty("vector_bits").GetInt32(), 128, narrowerThan - 1); }
        Assert.Equal(Weights(wide), Weights(narrow));
    }

    [Fact]
    public async Task The_dataflow_host_keeps_the_ledger_and_the_floor_and_its_recording_gives_its_bits()
    {
        using var folder = new TemporaryFolder();
        var recording = folder.File("run.slrec");

        var recorded = await QuickstartProcess.ResultAsync([], [.. Recordings.Arguments, "--host", "dataflow", "--record", recording]);
        var replayed = await QuickstartProcess.ResultAsync([], [.. Recordings.Arguments, "--replay", recording]);

        AssertLedger(recorded);
        AssertLedger(replayed);
        Assert.InRange(recorded.GetProperty("accuracy").GetDouble(), Recordings.Floor, 1);
        Assert.Equal(Weights(recorded), Weights(replayed));
        Assert.Equal(recorded.GetProperty("accuracy").GetDouble(), replayed.GetProperty("accuracy").GetDouble());
        Assert.Equal(recorded.GetProperty("rows_trained").GetInt64(), replayed.GetProperty("rows_trained").GetInt64());
    }

    [Fact]
    public async Task Behind_a_barrier_both_hosts_give_the_same_weights()
    {
        var simulated = await QuickstartProcess.ResultAsync([], "--aggregation", "fedavg");
        var dataflow = await QuickstartProcess.ResultAsync([], "--aggregation", "fedavg", "--host", "dataflow");

        Assert.Equal(Weights(simulated), Weights(dataflow));
    }

    [Fact]
    public async Task A_scenario_changes_time_and_never_loses_rows()
    {
        var plain = await QuickstartProcess.ResultAsync([], "--devices", "8");
        var slow = await QuickstartProcess.ResultAsync([], "--devices", "8",
            "--scenario", Path.Combine(AppContext.BaseDirectory, "outage.json"));

        Assert.True(slow.GetProperty("virtual_seconds").GetDouble() > plain.GetProperty("virtual_seconds").GetDouble());
        Assert.Equal(plain.GetProperty("rows_in").GetInt64(), slow.GetProperty("rows_in").GetInt64());
        AssertLedger(slow);
    }

    private static string Weights(JsonElement result) => result.GetProperty("weights_sha256").GetString()!;

    private static void AssertLedger(JsonElement result)
    {
        var dropped = result.GetProperty("rows_dropped").EnumerateObject().Sum(r => r.Value.GetInt64());
        var (windowed, held) = (result.GetProperty("rows_windowed").GetInt64(), result.GetProperty("rows_held").GetInt64());
        Assert.True(windowed > 0);
        Assert.Equal(result.GetProperty("rows_in").GetInt64(), windowed + dropped + held);
        Assert.True(result.GetProperty("ledger_adds_up").GetBoolean());
    }
}
