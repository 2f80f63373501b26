using StreamLearn.Models;

namespace Tool.Tests;

/// <summary>Which version of a fleet is saved.</summary>
public sealed class BestVersionTests
{
    [Fact]
    public void The_last_version_is_best_unless_another_is_more_than_a_point_better()
    {
        Assert.Equal(2, ModelSearch.BestOf([0.5, 0.64, 0.6, 0.578]));
        Assert.Equal(3, ModelSearch.BestOf([0.5, 0.64, 0.64, 0.578]));
        Assert.Equal(4, ModelSearch.BestOf([0.5, 0.585, 0.58, 0.578]));
    }

    [Fact]
    public void A_run_saves_the_version_of_the_time_that_devices_left_out_found_best()
    {
        var run = new FinishedRun(null!, default, [.. Enumerable.Range(1, 3).Select(static v => (Seconds(2 * v), Version(v)))]);
        Assert.Equal(3, run.Chosen.Version);
        Assert.Equal(2, (run with { BestAt = Seconds(5) }).Chosen.Version);
        Assert.Equal(3, (run with { BestAt = Seconds(6) }).Chosen.Version);
        Assert.Equal(3, (run with { BestAt = Seconds(1) }).Chosen.Version);        // before the first
    }

    /// <summary>Of noise one is best by chance: an earlier version, or the model before the first, which a run does not keep.</summary>
    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(4, 3, false)]
    public async Task What_devices_left_out_found_best_is_in_the_file_and_in_the_result(int seed, int channels, bool isEarlier)
    {
        using var folder = new TemporaryFolder();
        string[] rows = [.. Enumerable.Range(0, 5 * 24).Select(row => FormattableString.Invariant($"d{row / 24},{row % 24 / 10.0:0.0},")
            + string.Concat(Enumerable.Range(0, channels).Select(_ => FormattableString.Invariant($"{Next() % 1000},")))
            + "ab"[Next() % 2])];
        await File.WriteAllLinesAsync(folder.File("rows.csv"),
            [$"device,time,{string.Join(',', "xyz".Take(channels))},label", .. rows], TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync(["fit", "--csv", folder.File("rows.csv"), "--label", "label", "--device", "device",
            "--window", "row", "--fleet", "--mode", "async", "--seconds", "12",
            "--out", folder.File("out"), "--json", folder.File("result.json")]);

        var result = await folder.ResultAsync();
        var (version, last) = (result.GetProperty("version").GetInt64(), result.GetProperty("versions").GetInt64());
        Assert.Equal((isEarlier, isEarlier), (version < last, run.Output.Contains(", best after ", StringComparison.Ordinal)));
        Assert.Equal(version, result.GetProperty("best_version").GetInt64());
        Assert.Equal(version, ModelFile.Load(folder.File("out/model.safetensors")).Weights.Version);

        int Next() => (seed = ((seed * 1103515245) + 12345) & int.MaxValue) >> 16;
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static Weights Version(int number) => new() { Version = number, SchemaHash = 1, Values = [number] };
}
