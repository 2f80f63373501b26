namespace Sensor.Tests;

public sealed class SensorStatusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_device_that_has_ended_leaves_the_others_connected_over_mqtt()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        WrittenRows.Plain(_folder.File("short.csv"), 100);
        WrittenRows.Plain(_folder.File("long.csv"), 60_000);
        await InitAsync("s.yaml", "config", "init", "--no-measure", "--csv", _folder.File("*.csv"));
        using var sensor = Programs.Start(Programs.Sensor, Run(mosquitto.Uri, "s.yaml", "--set", "source.csv.speed=4"));

        await UntilAsync(s => Number(s, "devices_ended") == 1);
        var rows = Number(Status(), "rows");
        await UntilAsync(s => Number(s, "rows") > rows + 1500);             // a loss would have been said by then
        var connected = Status()["connected"];
        var run = await Programs.StopAsync(sensor);

        Assert.Equal("True", connected);
        Assert.DoesNotContain("is lost", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_program_with_the_same_state_folder_is_refused_until_the_first_is_gone()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        await File.WriteAllTextAsync(_folder.File("s.yaml"), await Programs.SampleAsync(Programs.Sensor),
            TestContext.Current.CancellationToken);
        string[] Devices(string devices) => ["--set", "source.generator.length=24h", "--set", $"source.generator.users=[{devices}]"];
        using var first = Programs.Start(Programs.Sensor, Run(nats.Uri, "s.yaml", Devices("1")));
        await UntilAsync(static s => s.Count > 0);

        var second = await Programs.RunAsync(Programs.Sensor, Run(nats.Uri, "s.yaml", [.. Devices("2"), "--for", "1s"]));
        first.Process.Kill();
        await first.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var third = await Programs.RunAsync(Programs.Sensor, Run(nats.Uri, "s.yaml", [.. Devices("2"), "--for", "1s"]));

        Assert.Equal(73, second.ExitCode);
        Assert.Equal($"streamlearn-sensor: the state folder {_folder.File("state")} is in use by process {first.Process.Id}; "
            + "give each program its own 'state:'\n", second.Error);
        Assert.Equal(0, third.ExitCode);
    }

    [Fact]
    public async Task A_device_whose_rows_are_all_gaps_is_named_as_it_has_no_window()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        WrittenRows.Plain(_folder.File("slow.csv"), 600);
        WrittenRows.Plain(_folder.File("good.csv"), 600);
        var lines = await File.ReadAllLinesAsync(_folder.File("slow.csv"), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(_folder.File("slow.csv"),
            lines.Select(static (line, i) => i == 0 ? line : $"{i * 1000}{line[line.IndexOf(',', StringComparison.Ordinal)..]}"),
            TestContext.Current.CancellationToken);
        await InitAsync("s.yaml", "config", "init", "--no-measure", "--csv", _folder.File("good.csv"));
        await ReplaceAsync("s.yaml", "good.csv", "*.csv", "device: { name: device }", "device: { each: file }");

        var run = await Programs.RunAsync(Programs.Sensor, Run(nats.Uri, "s.yaml", "--set", "source.csv.speed=0"));

        Assert.Contains("streamlearn-sensor: the 600 rows of slow made no window, so it learns nothing: a window needs 100 "
            + "valid rows without a gap (at rate 50/s, a step of more than 0.07 s). Check the rate, the samples of the window, and the "
            + "rows ('once' shows them)\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("of good", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_read_where_all_devices_read_the_same_rows_is_told_once_and_batches_of_others_are_no_loss()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        List<string> rows = ["machine,t_ms,x,state"];
        for (var row = 0; row < 4000; row++)        // 2000 rows of each, one machine after the other: whole batches are of the other one
        {
            var (x, state) = (row is 100 or 3000 ? "" : $"{row * 37 % 101}", row / 100 % 2 == 0 ? "open" : "shut");
            rows.Add($"m-{1 + (row / 2000)},{row % 2000 * 20},{x},{state}");
        }

        await File.WriteAllLinesAsync(_folder.File("rows.csv"), rows, TestContext.Current.CancellationToken);
        await InitAsync("s.yaml", "config", "init", "--no-measure", "--csv", _folder.File("rows.csv"), "--device", "machine");

        var once = await Programs.RunAsync(Programs.Sensor, "once", "-c", _folder.File("s.yaml"), "--rows", "10000");
        using var sensor = Programs.Start(Programs.Sensor, Run(nats.Uri, "s.yaml", "--set", "exchange.updates_under_way=32"));
        await sensor.UntilSaysAsync("ended=2 ");            // nobody answers: it would wait half a minute for that
        await Programs.StopAsync(sensor);
        var status = await Programs.RunAsync(
            Programs.Sensor, "status", "-c", _folder.File("s.yaml"), "--set", $"state={_folder.File("state")}");

        Assert.EndsWith("\nm-1: 1999 good rows, none left out\nm-2: 1999 good rows, none left out\n"
            + "unreadable rows of all devices: 2 missing-value\n", once.Output, StringComparison.Ordinal);
        Assert.Contains("rows_left_out=2\nrows_left_out_missing-value=2\nwindows=", status.Output, StringComparison.Ordinal);
    }

    private async Task ReplaceAsync(string file, params string[] oldAndNew)
    {
        var text = await File.ReadAllTextAsync(_folder.File(file), TestContext.Current.CancellationToken);
        foreach (var pair in oldAndNew.Chunk(2))
        {
            Assert.Contains(pair[0], text, StringComparison.Ordinal);
            text = text.Replace(pair[0], pair[1], StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(_folder.File(file), text, TestContext.Current.CancellationToken);
    }

    private static long Number(IReadOnlyDictionary<string, string> status, string name) =>
        status.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    private async Task InitAsync(string file, params string[] arguments)
    {
        var init = await Programs.RunAsync(Programs.Sensor, arguments);
        Assert.Equal((0, ""), (init.ExitCode, init.Error));
        await File.WriteAllTextAsync(_folder.File(file), init.Output, TestContext.Current.CancellationToken);
    }

    private string[] Run(Uri server, string file, params string[] more) =>
    [
        "run", "-c", _folder.File(file), "--set", $"link.url={server.ToString().TrimEnd('/')}", "--set", $"state={_folder.File("state")}",
        .. more,
    ];

    private Dictionary<string, string> Status()
    {
        var file = Path.Join(_folder.File("state"), "status.json");
        if (!File.Exists(file)) { return []; }
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return json.RootElement.EnumerateObject().ToDictionary(static m => m.Name, static m => m.Value.ToString());
    }

    private async Task UntilAsync(Func<IReadOnlyDictionary<string, string>, bool> reached)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (!reached(Status())) { await timer.WaitForNextTickAsync(patience.Token); }
    }
}
