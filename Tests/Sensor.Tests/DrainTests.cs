using Aggregator;

namespace Sensor.Tests;

public sealed class DrainTests : IDisposable
{
    private const int Rows = 3000;
    private const string Finishes = "finishing what the last drain left; then starting from scratch";

    private const string Sensor = """
        streamlearn: 1
        fleet: plant
        link: { url: 'mqtt://localhost' }
        source: { csv: { files: 'm1.csv', device: { name: m1 }, rate: 50/s, speed: 10 } }
        columns: { t_ms: { time: ms }, vib x: { unit: m/s2 }, vib y: {}, condition: { label: [good, worn] } }
        pipeline: [ check: { stuck: 1h }, window: { samples: 64, hop: 32 }, learn: {} ]
        exchange: { steps_per_update: 8, piece: 4KiB }
        """;

    private readonly TemporaryFolder _folder = new();
    private string _server = "";

    public void Dispose() => _folder.Dispose();

    public static TheoryData<bool> Kills { get; } = LongForm.IsAsked ? [false, true] : [false];

    [Theory]
    [MemberData(nameof(Kills))]
    public async Task A_sensor_finishes_what_was_left_and_takes_all_rows_again(bool isKilled)
    {
        await using var server = await StartAsync();
        using (var first = Run(Programs.Sensor, "s.yaml", isKilled ? "--drain=60s" : "--drain=1s"))
        {
            await first.UntilSaysAsync("updates=3");        // as many as go without an answer
            if (isKilled) { await KillInDrainAsync(first); }
            else { Assert.Equal(75, (await Programs.StopAsync(first)).ExitCode); }      // it waits for an answer for five seconds
        }

        using var aggregator = Run(Programs.Aggregator, "a.yaml");
        await aggregator.UntilSaysAsync("waiting for updates");
        var (code, output, error) = await Programs.EndAsync(Run(Programs.Sensor, "s.yaml", "--drain=60s"));
        await Programs.StopAsync(aggregator);

        Assert.True(code == 0, error);
        Assert.Contains(Finishes, output, StringComparison.Ordinal);
        Assert.Contains("m1 had finished; it starts over", output + error, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"ended=1 rows={Rows} "), output, StringComparison.Ordinal);
        (_, output, _) = await Programs.EndAsync(Run(Programs.Sensor, "s.yaml", "--for=1s"));
        Assert.DoesNotContain(Finishes, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_aggregator_finishes_what_was_left_and_waits_for_updates_again()
    {
        await using var server = await StartAsync();
        using var sensor = Run(Programs.Sensor, "s.yaml");
        var exitCode = 0;
        for (var attempt = 0; attempt < 5 && exitCode == 0; attempt++)       // 0: all was confirmed before the server froze
        {
            using var first = Run(Programs.Aggregator, "a.yaml", "--drain=1s");
            await first.UntilSaysAsync("waiting for updates");
            await sensor.UntilSaysAsync("accuracy=");
            server.Process.Freeze();
            exitCode = (await Programs.StopAsync(first)).ExitCode;
            server.Process.Thaw();
        }

        Assert.Equal(75, exitCode);

        using var aggregator = Run(Programs.Aggregator, "a.yaml");
        await aggregator.UntilSaysAsync(Finishes);
        await aggregator.UntilSaysAsync("waiting for updates");
        var (code, _, error) = await Programs.EndAsync(sensor);
        await Programs.StopAsync(aggregator);

        Assert.True(code == 0, error);
    }

    private StartedProgram Run(string program, string config, params string[] more) => Programs.Start(program,
        ["run", "-c", _folder.File(config), "--set", $"link.url={_server}", "--set", $"state={_folder.File(program)}", .. more]);

    private async Task<Mosquitto> StartAsync()
    {
        var server = await Mosquitto.StartAsync();
        WrittenRows.Plain(_folder.File("m1.csv"), Rows);
        var text = await File.ReadAllTextAsync(_folder.File("m1.csv"), Cancellation);
        await File.WriteAllTextAsync(_folder.File("m1.csv"), text.Replace(" [m/s^2]", "", StringComparison.Ordinal), Cancellation);
        await File.WriteAllTextAsync(_folder.File("s.yaml"), Sensor, Cancellation);
        await File.WriteAllTextAsync(_folder.File("a.yaml"), AggregatorInit.Text(_folder.File("s.yaml")), Cancellation);
        _server = server.Uri.ToString().TrimEnd('/');
        return server;
    }

    private async Task KillInDrainAsync(StartedProgram sensor)
    {
        var folder = Path.Join(_folder.File(Programs.Sensor), "plant", "m1");
        long Number() => Checkpoint.Newest(folder)?.Number ?? 0;
        using var asked = System.Diagnostics.Process.Start("kill", ["-TERM", $"{sensor.Process.Id}"]);
        await sensor.UntilSaysAsync("stopping: finishing");
        for (var before = Number(); Number() < before + 2;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        sensor.Process.Kill();
        await sensor.Process.WaitForExitAsync(Cancellation);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
