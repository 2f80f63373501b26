using Aggregator;
using StreamLearn.Samples;

namespace Sensor.Tests;

/// <summary>What <c>record</c> of sensors and aggregators keeps gives its bits again.</summary>
public sealed class RecordTests : IDisposable
{
    private const string Sensor = """
        streamlearn: 1
        fleet: plant
        link: { url: URL }
        source: { generator: { users: [1, 2], length: 1m, speed: 10 } }
        pipeline: [ check: {}, window: {}, learn: {} ]
        exchange: { steps_per_update: 8 }
        record: { folder: recorded, keep: KEEP }
        """;

    private const string Aggregator = """
        streamlearn: 1
        fleet: plant
        link: { url: URL }
        broker: { listen: 'LISTEN' }
        aggregate: { strategy: { fedbuff: { updates: 2, deadline: 1s } } }
        record: { folder: rounds, keep: KEEP }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_kept_its_content_is_repeated_and_equal_and_a_damaged_one_is_told()
    {
        await RecordAsync("content", killsAggregator: true);
        var file = Assert.Single(Directory.GetFiles(_folder.File("recorded"), "*.slrec"));

        var repeated = await ReplayAsync();
        var lines = await File.ReadAllLinesAsync(file, Cancellation);
        var sent = Array.FindIndex(lines, static l => l.StartsWith("S ", StringComparison.Ordinal));
        await WriteAsync(file, [.. lines[..sent], $"{lines[sent][..^1]}{(lines[sent][^1] == '0' ? '1' : '0')}", .. lines[(sent + 1)..]]);
        var other = await ReplayAsync();
        await WriteAsync(file, [.. lines[..sent], "nonsense"]);
        var damaged = await ReplayAsync();
        await WriteAsync(file, lines[1..]);
        var headless = await ReplayAsync();
        await File.WriteAllTextAsync(file, string.Join('\n', lines)[..^1], Cancellation);
        var cut = await ReplayAsync();

        Assert.True((repeated.ExitCode, repeated.Error) == (0, ""), $"{repeated.ExitCode}: {repeated.Output}{repeated.Error}");
        Assert.Matches(@"^\d+\.slrec: [\d,]+ calls repeated: equal, [\d,]+ messages of it compared\n$", repeated.Output);
        Assert.Equal(1, other.ExitCode);
        Assert.Matches(@": DIFFERS at line \d+: message 0 of 'user-00\d/publish ", other.Output);
        Assert.Equal(65, damaged.ExitCode);
        Assert.Matches(@"^streamlearn: .*\.slrec: recording, line \d+: expected a call.*\n$", damaged.Error);
        Assert.Equal(65, headless.ExitCode);
        Assert.Contains("its first line does not say one", headless.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (cut.ExitCode, cut.Error));       // a killed sensor leaves such a one

        var rounds = await ReplayAsync("rounds");
        await ChangeAsync("rounds", static c => c.Replace("seed: 42", "seed: 43", StringComparison.Ordinal));
        var otherModel = await ReplayAsync("rounds");
        await ChangeAsync("rounds", static c => c.Replace("fedbuff", "fedavg", StringComparison.Ordinal));
        var otherRules = await ReplayAsync("rounds");

        Assert.True((rounds.ExitCode, rounds.Error) == (0, ""), $"{rounds.ExitCode}: {rounds.Output}{rounds.Error}");
        Assert.Matches(@"^\d+\.slrec: [\d,]+ calls repeated: equal, [\d,]+ messages of it compared\n$", rounds.Output);
        Assert.True(otherModel.ExitCode == 1, $"{otherModel}");
        Assert.Matches(@": DIFFERS at line \d+: message 0 of 'aggregator/publish ", otherModel.Output);
        Assert.Equal(65, otherRules.ExitCode);
        Assert.Contains(".slrec: ", otherRules.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recordings_of_the_order_hold_no_message_and_are_repeated_together()
    {
        await RecordAsync("order", killsAggregator: false);
        var text = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_folder.File("recorded"), "*.slrec")), Cancellation);

        var refused = await ReplayAsync();
        var together = await ReplayAsync("rounds", "recorded");

        Assert.DoesNotContain("\nD ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nS ", text, StringComparison.Ordinal);
        Assert.Equal(65, refused.ExitCode);
        Assert.Matches("was not published in this run; .*record.keep: content also keeps what others sent\n$", refused.Error);
        Assert.True((together.ExitCode, together.Error) == (0, ""), together.Error);
        Assert.Matches(@"^\d+\.slrec, \d+\.slrec: [\d,]+ calls repeated: without messages", together.Output);
    }

    [Fact]
    public void A_fleet_whose_planner_measures_times_is_not_recorded() => Assert.Contains(
        Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("a.yaml",
            "{ streamlearn: 1, fleet: f, link: { url: nats://h }, aggregate: { split: {} }, record: { folder: x } }")
            .Read(AggregatorConfig.Read)).Problems,
        static p => p.Text.Contains("its planner measures times", StringComparison.Ordinal));

    [Fact]
    public async Task A_recording_ends_at_its_size_and_says_so_once()
    {
        var said = new List<string>();
        RecordConfig config = new(new(_folder.Path), KeepsContent: true, MaxBytes: 1000);
        using (var recorder = Recording.Open(config, new("sensor", "s.yaml", "a: 1", 7, HasLedger: false, []), said.Add))
        {
            await using var run = Pipeline.Define("p", static p =>
                p.FromHarStream(new() { Duration = TimeSpan.FromSeconds(60) }).Discard())
                .Start(new() { Recorder = recorder, Pace = StreamLearn.Pace.AsFastAsPossible }, Cancellation);
            await run.Completion;
        }

        Assert.InRange(new FileInfo(_folder.File("7.slrec")).Length, 900, 1000);
        Assert.Contains("its size, 0 MiB, is reached", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_refused_before_anything_runs()
    {
        await File.WriteAllTextAsync(_folder.File("recorded"), "a file", Cancellation);
        await File.WriteAllTextAsync(_folder.File("s.yaml"), Sensor.Replace("URL", "mqtt://127.0.0.1:1", StringComparison.Ordinal)
            .Replace("KEEP", "content", StringComparison.Ordinal), Cancellation);

        var run = await Programs.RunAsync(Programs.Sensor, "run", "-c", _folder.File("s.yaml"));

        Assert.Equal(73, run.ExitCode);
        Assert.StartsWith("streamlearn-sensor: record.folder: ", run.Error, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<(int ExitCode, string Output, string Error)> ReplayAsync(params string[] folders) => Programs.RunAsync(
        "streamlearn-tool", ["replay", .. (folders is [] ? ["recorded"] : folders).Select(_folder.File)]);

    private static Task WriteAsync(string file, string[] lines) =>
        File.WriteAllTextAsync(file, string.Concat(lines.Select(static l => l + "\n")), Cancellation);

    /// <summary>Changes the configuration of an aggregator's recording.</summary>
    private async Task ChangeAsync(string folder, Func<string, string> change)
    {
        var file = Assert.Single(Directory.GetFiles(_folder.File(folder)));
        var text = await File.ReadAllTextAsync(file, Cancellation);      // the last line may be cut: it was killed
        var rest = text.IndexOf('\n', StringComparison.Ordinal);
        var start = RecordedStart.TryRead(text[..rest], "aggregator")!;
        var changed = start with { Configuration = change(start.Configuration) };
        Assert.NotEqual(start.Configuration, changed.Configuration);
        await File.WriteAllTextAsync(file, changed.Line + text[rest..], Cancellation);
    }

    private async Task RecordAsync(string keep, bool killsAggregator)
    {
        var listen = $"127.0.0.1:{LoopbackPort.Take()}";
        async Task WriteFileAsync(string name, string text) => await File.WriteAllTextAsync(_folder.File(name), text
            .Replace("URL", $"'mqtt://{listen}'", StringComparison.Ordinal).Replace("LISTEN", listen, StringComparison.Ordinal)
            .Replace("KEEP", keep, StringComparison.Ordinal), Cancellation);
        await WriteFileAsync("s.yaml", Sensor);
        await WriteFileAsync("a.yaml", Aggregator);
        using var aggregator = Programs.Start(Programs.Aggregator, "run", "-c", _folder.File("a.yaml"), "--set",
            $"state={_folder.File("edge")}");
        await aggregator.UntilSaysAsync("waiting for updates");
        var sensor = await Programs.RunAsync(Programs.Sensor, "run", "-c", _folder.File("s.yaml"));
        if (killsAggregator) { aggregator.Process.Kill(); }
        else { await Programs.StopAsync(aggregator); }

        Assert.Equal((0, ""), (sensor.ExitCode, sensor.Error));
    }
}
