using System.Net;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Sensor.Tests;

public sealed class RetainedRowsTests : IDisposable
{
    private const string Columns = "columns: { at: { time: arrival }, x: {} }";
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mosquitto")]
    [InlineData("own")]
    public async Task They_are_counted_at_each_start_and_not_when_a_session_resumes(string kind)
    {
        await using var server = await StartAsync(kind);
        await using var publisher = EdgeServer.OpenSource(server.Uri, null, Kept, null);
        await using var proxy = new FaultProxy(server.Uri.Port);
        await PublishAsync(publisher, "plant/p-1/rows", """{"x":7}""");
        await PublishAsync(publisher, "plant/p-2/rows", "rubbish\r\n");
        var config = Config($"{{ mqtt: {{ url: '{Text(proxy.Uri)}', topic: plant/+/rows, devices: [p-1, p-2] }} }}");

        for (var start = 1; start <= 2; start++)
        {
            await using var devices = Started.Of(config);
            await LiveSourceTests.UntilAsync(() => devices.Retained(0) == 1 && devices.Retained(1) == 1);
            await PublishAsync(publisher, "plant/p-1/rows", $$"""{"x":{{start}}}""");       // retained too, but it comes as it is published
            await LiveSourceTests.UntilAsync(() => devices.Rows.Contains(start));       // perhaps after what the start before has left
            var before = devices.Rows.Count;
            proxy.Cut();
            await LiveSourceTests.UntilAsync(() => devices.Rows.Count > before,
                () => PublishAsync(publisher, "plant/p-1/rows", """{"x":3}"""));
            Assert.Equal((false, 1, 1, 0),
                (devices.Rows.Contains(7), devices.Retained(0), devices.Retained(1), devices.Dropped(1, "malformed")));
            if (start == 1 || server.Mosquitto is not { } mosquitto) { continue; }
            proxy.Refuses = true;
            proxy.Cut();
            await mosquitto.KillAsync();            // and its sessions
            await mosquitto.StartAgainAsync();
            await PublishAsync(publisher, "plant/p-1/rows", """{"x":7}""");
            proxy.Refuses = false;
            await LiveSourceTests.UntilAsync(() => devices.Retained(0) == 2);
        }
    }

    [Fact]
    public async Task They_are_rows_where_the_file_takes_them_and_only_mqtt_has_the_key()
    {
        await using var server = await StartAsync("mosquitto");
        await using var publisher = EdgeServer.OpenSource(server.Uri, null, Kept, null);
        await PublishAsync(publisher, "plant/p-1/rows", """{"x":7}""");
        var skip = Source(server.Uri, "devices: [p-1]");
        var take = Config(skip.Replace("devices:", "retained: take, devices:", StringComparison.Ordinal));

        await using (var devices = Started.Of(take))
        {
            await LiveSourceTests.UntilAsync(() => devices.Rows.Count == 1);
            Assert.Equal((7, 0), (devices.Rows.First(), devices.Retained(0)));
        }

        Assert.Contains("1 good rows", await OnceAsync(take, 0), StringComparison.Ordinal);
        Assert.Contains("left out: 1 retained", await OnceAsync(Config(skip), ProgramExit.DataRefused), StringComparison.Ordinal);
        Assert.Contains("unknown key", Assert.Throws<ConfigurationException>(() => Config(
            "{ nats: { url: nats://h, topic: t, devices: [d], retained: take } }")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_of_them_announce_no_device_until_it_publishes()
    {
        await using var server = await StartAsync("own");
        await using var publisher = EdgeServer.OpenSource(server.Uri, null, Kept, null);
        foreach (var all in Enumerable.Range(0, 1000).Chunk(50))
        {
            await Task.WhenAll(all.Select(d => PublishAsync(publisher, $"plant/d-{d}/rows", """{"x":7}""")));
        }

        var source = Source(server.Uri, "devices: any, at_most: 2");
        List<string> said = [];
        await using (var found = FoundDevices.Open((ServerConfig)Config(source).Source, new(_folder.Path), said.Add))
        {
            await LiveSourceTests.UntilAsync(
                () => found.RetainedText.Contains("; retained messages skipped: 1000;", StringComparison.Ordinal));
            Assert.Empty(found.Names);
            await PublishAsync(publisher, "plant/d-5/rows", """{"x":8}""");
            await LiveSourceTests.UntilAsync(() => found.Names is ["d-5"]);
        }

        Assert.StartsWith("retained messages skipped: 1000; ", Assert.Single(said), StringComparison.Ordinal);
        Assert.Contains("has published on plant/+/rows within 5 s; retained messages skipped: 1000",
            await OnceAsync(Config(source), ProgramExit.DataRefused, seconds: 5), StringComparison.Ordinal);
        var (taken, _) = await FoundDevices.FirstAsync((ServerConfig)Config(
            source.Replace("devices:", "retained: take, devices:", StringComparison.Ordinal)).Source, Kept);
        Assert.Equal(2, taken.Devices.Length);
    }

    [Fact]
    public async Task A_configuration_is_written_of_what_comes_and_says_what_was_retained()
    {
        await using var server = await StartAsync("mosquitto");
        await using var publisher = EdgeServer.OpenSource(server.Uri, null, Kept, null);
        await PublishAsync(publisher, "plant/old/rows", """{"yesterday":7.5}""");
        Task<string> TextAsync(bool takes, double seconds = 0.5) =>
            MqttInit.TextAsync(server.Uri, "plant/+/rows", "none", TimeSpan.FromSeconds(seconds), takesRetained: takes);

        Assert.Contains("--retained take includes 1 that the server had retained",
            (await Assert.ThrowsAsync<FormatException>(() => TextAsync(false))).Message, StringComparison.Ordinal);
        var taken = await TextAsync(true, seconds: 5);
        var (writing, i) = (TextAsync(false, seconds: 5), 0);
        await LiveSourceTests.UntilAsync(() => writing.IsCompleted,
            () => PublishAsync(publisher, "plant/new/rows", $$"""{"x":{{i++ % 7}}.5}""", retain: false));

        Assert.Contains("devices: [old]", taken, StringComparison.Ordinal);
        Assert.True(((ServerConfig)ConfigTree.Parse("f", taken).Read(SensorConfig.Read).Value.Source).TakesRetained);
        Assert.Contains("devices: [new]", await writing, StringComparison.Ordinal);
        Assert.Contains("# retained messages skipped: 1", await writing, StringComparison.Ordinal);
        Assert.DoesNotContain("yesterday", await writing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_nats_gives_a_sensor_nothing_that_came_before_it()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        await using var keeper = new NatsTransport(new()
        {
            Servers = [nats.Uri],
            Keep = new() { Stream = "PLANT", Topics = ["plant/#"], Retained = [] },
        });
        await PublishAsync(keeper, "plant/p-1/rows", """{"x":7}""", retain: false);      // done when the stream has it
        await using var devices = Started.Of(Config($"{{ nats: {{ url: '{Text(nats.Uri)}', topic: plant/+/rows, devices: [p-1] }} }}"));

        await LiveSourceTests.UntilAsync(
            () => !devices.Rows.IsEmpty, () => PublishAsync(keeper, "plant/p-1/rows", """{"x":8}""", retain: false));

        Assert.Equal((8, 0), (devices.Rows.First(), devices.Retained(0)));
    }

    [Fact]
    public async Task The_program_says_how_many_and_its_status_counts_them()
    {
        await using var server = await StartAsync("mosquitto");
        await using var publisher = EdgeServer.OpenSource(server.Uri, null, Kept, null);
        await PublishAsync(publisher, "plant/p-1/rows", """{"x":7}""");
        await File.WriteAllTextAsync(_folder.File("s.yaml"), Tree(Source(server.Uri, "devices: [p-1]")),
            TestContext.Current.CancellationToken);
        StartedProgram Start(params string[] more) => Programs.Start(
            Programs.Sensor, ["run", "-c", _folder.File("s.yaml"), "--set", $"state={_folder.Path}", .. more]);
        Task UntilAsync(string name) => LiveSourceTests.UntilAsync(() => File.Exists(_folder.File("status.json"))
            && JsonDocument.Parse(File.ReadAllText(_folder.File("status.json"))).RootElement
                .TryGetProperty(name, out var count) && count.GetInt32() == 1);

        using var sensor = Start();
        await UntilAsync("messages_left_out_retained");
        var run = await Programs.StopAsync(sensor);
        using var taking = Start("--set", "source.mqtt.retained=take");      // its state goes with both
        await UntilAsync("rows");
        await Programs.StopAsync(taking);

        Assert.Equal("streamlearn-sensor: retained messages skipped: 1; 'retained: take' under source.mqtt reads them", Assert.Single(
            run.Error.Split('\n'), static l => l.Contains("retained", StringComparison.Ordinal)));
        Assert.Contains("rows=0", run.Output, StringComparison.Ordinal);
    }

    private static string Text(Uri uri) => uri.ToString().TrimEnd('/');

    private static string Source(Uri server, string devices) => $"{{ mqtt: {{ url: '{Text(server)}', topic: plant/+/rows, {devices} }} }}";

    private static string Tree(string source) =>
        $"{{ streamlearn: 1, fleet: f, link: {{ url: nats://h }}, source: {source}, {Columns}, pipeline: [check: {{}}], anomalies: {{}} }}";

    private static SensorConfig Config(string source) => ConfigTree.Parse("f", Tree(source)).Read(SensorConfig.ReadRows).Value;

    private static async Task<string> OnceAsync(SensorConfig config, int expected, int seconds = 1)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(expected, await OnceCommand.RunAsync(config, 1, TimeSpan.FromSeconds(seconds), output, error));
        return $"{output}{error}";
    }

    private static async Task PublishAsync(ITransport publisher, string topic, string text, bool retain = true) =>
        await publisher.PublishAsync(topic, new(System.Text.Encoding.UTF8.GetBytes(text)), new(default) { Retain = retain },
            TestContext.Current.CancellationToken);

    private static async Task<Server> StartAsync(string kind) => kind == "own"
        ? new(await MqttBroker.StartAsync(new() { Listen = new(IPAddress.Loopback, 0) })) : new(await Mosquitto.StartAsync());

    private sealed class Server(IAsyncDisposable server) : IAsyncDisposable
    {
        internal Mosquitto? Mosquitto => server as Mosquitto;

        internal Uri Uri => server is MqttBroker broker ? broker.Uri : ((Mosquitto)server).Uri;

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }

    private sealed class Started : IAsyncDisposable
    {
        private readonly List<IAsyncDisposable> _opened = [];
        private readonly List<PipelineRun> _runs = [];

        internal System.Collections.Concurrent.ConcurrentQueue<int> Rows { get; } = [];

        internal static Started Of(SensorConfig config)
        {
            var started = new Started();
            foreach (var device in SensorDevices.Measured(config, static device => $"sl-f-{device}-rows", started._opened))
            {
                started._runs.Add(Pipeline.Define(device.Name, p => device.Measure(p).ForEach("take", rows =>
                {
                    foreach (var x in rows["x"].Values<float>()) { started.Rows.Enqueue((int)x); }
                })).Start());
            }

            return started;
        }

        internal long Retained(int device) => Dropped(device, "retained");

        internal long Dropped(int device, string reason) => _runs[device].Metrics.Blocks.Sum(b => b.Drops.GetValueOrDefault(reason));

        public async ValueTask DisposeAsync()
        {
            foreach (var run in _runs) { await run.DisposeAsync(); }
            foreach (var transport in _opened) { await transport.DisposeAsync(); }
        }
    }
}
