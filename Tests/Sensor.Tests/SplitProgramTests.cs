namespace Sensor.Tests;

public sealed class SplitProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Splits => LongForm.IsAsked ? ["auto", "3"] : ["auto"];

    [Theory]
    [MemberData(nameof(Splits))]
    public async Task Two_devices_learn_with_layers_at_the_aggregator_and_go_on_after_a_kill(string split)
    {
        string[] sensor = ["run", "-c", await WriteAsync("s.yaml", $$"""
            streamlearn: 1
            fleet: plant
            state: '{{_folder.File("state")}}'
            link: { url: 'mqtt://127.0.0.1:{{LoopbackPort.Take()}}' }
            source: { generator: { users: [1, 2], length: 5m, speed: 80 } }
            pipeline: [check: {}, window: {}, learn: { split: {{split}}, batch: 4 }]
            exchange: { steps_per_update: 5 }
            """)];
        var init = await Programs.RunAsync(Programs.Aggregator, "config", "init", "--model-of", _folder.File("s.yaml"));
        Assert.Equal((0, ""), (init.ExitCode, init.Error));
        string[] edge = ["-c", await WriteAsync("a.yaml", init.Output)];
        using var aggregator = Programs.Start(Programs.Aggregator, ["run", .. edge]);
        await aggregator.UntilSaysAsync("waiting for updates");

        using var killed = Programs.Start(Programs.Sensor, sensor);
        var before = await UntilAsync(s => VersionOf(s) >= 2 && PlannedOf(s) == 2);
        killed.Process.Kill();
        await Programs.EndAsync(killed);
        var run = await Programs.RunAsync(Programs.Sensor, sensor);
        var file = _folder.File("model.safetensors");
        var stopped = await Programs.StopAsync(aggregator);      // it keeps its last version, or one every ten seconds
        var export = await Programs.RunAsync(Programs.Aggregator, ["models", "export", "--to", file, .. edge]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(0, stopped.ExitCode);
        Assert.DoesNotContain(stopped.Error.Split('\n'), static l =>       // of the others, if a machine takes long to start them again
            l.Length > 0 && !l.Contains("few of the usual devices are left", StringComparison.Ordinal));
        var last = Regex.Match(stopped.Output, @".*version=(\d+) updates=(\d+) devices=2 .*left=2 strategy=fedavg( own_accuracy=\S+)?\s*$",
            RegexOptions.Singleline);
        Assert.True(last.Success, stopped.Output);
        Assert.InRange(int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture), VersionOf(before) + 3, 100);
        Assert.Equal(0, export.ExitCode);
        Assert.Equal(HarModel.Structure, ((Network)ModelFile.Load(file).Model).Structure);
    }

    private static readonly Network HarModel = (Network)GuardedFleet.Model;

    private static long VersionOf(JsonElement status) => status.GetProperty("version").GetInt64();

    private static int PlannedOf(JsonElement status) =>
        status.TryGetProperty("splits", out var splits) ? splits.GetProperty("devices").GetArrayLength() : 0;

    private async Task<JsonElement> UntilAsync(Func<JsonElement, bool> reached)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        var file = Path.Join(_folder.File("state"), "plant", "aggregator", "status.json");
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            if (!File.Exists(file)) { continue; }
            var status = JsonDocument.Parse(await File.ReadAllBytesAsync(file, patience.Token)).RootElement;
            if (reached(status)) { return status; }
        }

        throw new InvalidOperationException("expected a tick");
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        await File.WriteAllTextAsync(_folder.File(name), text, TestContext.Current.CancellationToken);
        return _folder.File(name);
    }
}
