using System.Buffers;
using StreamLearn.Arrow;

namespace Sensor.Tests;

public sealed class LiveSourceTests : IDisposable
{
    private const int Rows = 10_000;
    private const int RowsOfMessage = 50;
    private const int Mark = -1;            // x of rows that only show that somebody listens

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Formats = ["json", "csv", "arrow", "raw"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mqtt")]
    [InlineData("nats")]
    public async Task Each_format_gives_all_its_rows_also_when_the_server_is_killed_on_the_way(string kind)
    {
        await using IAsyncDisposable server = kind == "nats" ? await RealNats.StartAsync() : await Mosquitto.StartAsync();
        var uri = server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri;
        List<IAsyncDisposable> opened = [EdgeServer.OpenSource(uri, null, TimeSpan.FromMinutes(1), null)];
        var taken = Formats.Select(static _ => new Taken()).ToList();
        List<PipelineRun> runs = [];
        for (var f = 0; f < Formats.Length; f++)
        {
            var config = Config($"{{ {kind}: {{ url: {Text(uri)}, topic: plant/{Formats[f]}/+, devices: [p-1], format: {Formats[f]} }} }}",
                Formats[f] == "json" ? "{ at: { time: arrival }, x: { path: '$.r[*].x' }, y: { path: '$.r[*].y' } }"
                    : "{ at: { time: arrival }, x: {}, y: {} }");
            var device = Assert.Single(SensorDevices.Measured(config, static _ => null, opened));
            runs.Add(Pipeline.Define(Formats[f], p => device.Measure(p).ForEach("take", taken[f].Add)).Start());
        }

        var publisher = (ITransport)opened[0];
        for (var half = 0; half < 2; half++)
        {
            for (var f = 0; f < Formats.Length; f++)
            {
                await UntilAsync(() => taken[f].Marks > half, () => PublishAsync(publisher, Formats[f], [Mark]));
                for (var first = half * Rows / 2; first < (half + 1) * Rows / 2; first += RowsOfMessage)
                {
                    await PublishAsync(publisher, Formats[f], [.. Enumerable.Range(first, RowsOfMessage)]);
                }

                await UntilAsync(() => taken[f].Count >= (half + 1) * Rows / 2);
                taken[f].Marks = half + 1;
            }

            if (half == 1) { continue; }
            await (server is RealNats killed ? killed.KillAsync() : ((Mosquitto)server).KillAsync());
            await (server is RealNats again ? again.StartAgainAsync() : ((Mosquitto)server).StartAgainAsync());
        }

        foreach (var run in runs) { await run.DisposeAsync(); }
        foreach (var transport in opened) { await transport.DisposeAsync(); }
        Assert.All(taken, static t => Assert.Equal(Enumerable.Range(0, Rows), t.Distinct));
    }

    [Fact]
    public async Task Devices_are_found_by_their_topic_and_known_at_the_next_start()
    {
        await using var server = await Mosquitto.StartAsync();
        var source = (ServerConfig)Config(
            $"{{ mqtt: {{ url: {Text(server.Uri)}, topic: plant/+/rows, devices: any, at_most: 2 }} }}",
            "{ at: { time: arrival }, x: {} }").Source;
        await using var publisher = EdgeServer.OpenSource(server.Uri, null, TimeSpan.FromMinutes(1), null);
        List<string> said = [];
        var found = FoundDevices.Open(source, new(_folder.Path), said.Add);
        Assert.Empty(found.Names);

        await UntilAsync(() => found.Names.Length == 1, () => SendAsync(publisher, "plant/a/rows", "{}"u8.ToArray()));
        foreach (var name in new[] { "b c", "b c", "b", "d", "a" }) { await SendAsync(publisher, $"plant/{name}/rows", "{}"u8.ToArray()); }
        Assert.Equal("a", await found.NextAsync(TestContext.Current.CancellationToken));
        Assert.Equal("b", await found.NextAsync(TestContext.Current.CancellationToken));
        await UntilAsync(() => said.Count == 2);
        await found.DisposeAsync();

        Assert.Equal(["a", "b"], await File.ReadAllLinesAsync(_folder.File("found-devices"), TestContext.Current.CancellationToken));
        Assert.Contains("expected a name", said[0], StringComparison.Ordinal);
        Assert.Contains("at_most is 2, and this many devices are there", said[1], StringComparison.Ordinal);
        Assert.Equal("3 messages of devices that were not accepted are dropped", said[2]);
        await using var next = FoundDevices.Open(source, new(_folder.Path), said.Add);
        Assert.Equal(["a", "b"], next.Names);
    }

    [Fact]
    public async Task A_command_without_a_header_gives_rows_in_the_order_of_columns()
    {
        var script = "i=0; while [ $i -lt 10000 ]; do echo $i,good,1.5; i=$((i+1)); done; exec sleep 100";
        var config = Config($"{{ command: {{ run: [sh, -c, '{script}'], device: p-1, header: false, rate: 100/s }} }}",
            "{ x: {}, state: { label: [worn, good] }, y: {}, at: { time: arrival } }");
        var (taken, device) = (new Taken(), Assert.Single(SensorDevices.Measured(config, static _ => null, [])));
        Assert.Equal("p-1", device.Name);

        await using var run = Pipeline.Define("p", p => device.Measure(p).ForEach("take", taken.Add)).Start();

        await UntilAsync(() => taken.Count == Rows);
        Assert.Equal(Enumerable.Range(0, Rows), taken.Distinct);
    }

    [Theory]
    [InlineData("{ command: { run: [x], device: d, format: json, header: true } }", "expected format: csv with it")]
    [InlineData("{ mqtt: { url: mqtt://h, topic: t, devices: any, at_most: 2 } }", "expected a level '+'")]
    [InlineData("{ mqtt: { url: mqtt://h, topic: t/+, devices: any } }", "such as at_most: 8")]
    [InlineData("{ mqtt: { url: mqtt://h, topic: t/+, devices: all, at_most: 2 } }", "expected 'any'")]
    [InlineData("{ mqtt: { url: mqtt://h, topic: t, devices: [d], at_most: 2 } }", "expected devices: any with it")]
    [InlineData("{ nats: { url: mqtt://h, topic: t, devices: [d] } }", "expected nats://host")]
    [InlineData("{ nats: { url: nats://h, topic: t, devices: [d], type: int16 } }", "expected format: raw with it")]
    [InlineData("{ serial: { port: /dev/ttyS0, device: d, baud: 9601 } }", "expected one of 1200")]
    public void What_does_not_go_together_is_refused(string source, string expected)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Config(source, "{ at: { time: arrival }, x: {} }"));

        Assert.Contains(refused.Problems, p => p.Text.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Raw_numbers_have_no_time_and_no_label()
    {
        var refused = Assert.Throws<ConfigurationException>(() => Config(
            "{ nats: { url: nats://h, topic: t, devices: [d], format: raw } }", "{ at: { time: ms }, x: {}, l: { label: [a, b] } }"));

        Assert.Equal(2, refused.Problems.Count(static p => p.Text.Contains("with format: raw", StringComparison.Ordinal)));
    }

    private static string Text(Uri uri) => uri.ToString().TrimEnd('/');

    private static SensorConfig Config(string source, string columns) => ConfigTree.Parse("f",
        $"{{ streamlearn: 1, fleet: f, link: {{ url: nats://h }}, source: {source}, columns: {columns}, "
            + "pipeline: [check: {}, window: {}, learn: {}] }").Read(SensorConfig.ReadRows).Value;

    private static Task PublishAsync(ITransport publisher, string format, int[] rows) =>
        SendAsync(publisher, $"plant/{format}/p-1", Payload(format, rows));

    private static async Task SendAsync(ITransport publisher, string topic, byte[] payload) =>
        await publisher.PublishAsync(topic, new(payload), new(default), TestContext.Current.CancellationToken);

    private static byte[] Payload(string format, int[] rows)
    {
        switch (format)
        {
            case "json":
                return Encoding.UTF8.GetBytes($"{{\"r\":[{string.Join(',', rows.Select(static r =>
                    string.Create(CultureInfo.InvariantCulture, $"{{\"x\":{r},\"y\":0.5}}")))}]}}");
            case "csv":
                return Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(static r => FormattableString.Invariant($"{r},0.5"))));
            case "raw":
                return [.. rows.SelectMany(static r => BitConverter.GetBytes((float)r).Concat(BitConverter.GetBytes(0.5f)))];
            default:
                var bytes = new ArrayBufferWriter<byte>();
                var schema = new Schema(Field.Channel("y", Unit.One), new Field("x", ColumnType.Int64, Unit.One));
                using (var batch = new BatchPool().Rent(schema, rows.Length))
                {
                    batch["y"].Writable<float>().Fill(0.5f);
                    for (var row = 0; row < rows.Length; row++) { batch["x"].Writable<long>()[row] = rows[row]; }
                    ArrowCodec.Batches.Encode(batch, bytes);
                }

                return bytes.WrittenSpan.ToArray();
        }
    }

    internal static async Task UntilAsync(Func<bool> isSo, Func<Task>? meanwhile = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience);
            if (meanwhile is not null) { await meanwhile(); }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    private sealed class Taken
    {
        private readonly Lock _lock = new();
        private readonly List<int> _x = [];
        private int _marks;

        internal int Marks { get => Volatile.Read(ref _marks); set => Volatile.Write(ref _marks, value); }

        internal int Count
        {
            get
            {
                lock (_lock) { return _x.Count; }
            }
        }

        internal IEnumerable<int> Distinct
        {
            get
            {
                lock (_lock) { return [.. _x.Distinct()]; }
            }
        }

        internal void Add(Batch batch)
        {
            lock (_lock)
            {
                for (var row = 0; row < batch.Rows; row++)
                {
                    var x = (int)batch["x"].Values<float>()[row];
                    if (x == Mark) { Interlocked.Increment(ref _marks); }
                    else { _x.Add(x); }
                }
            }
        }
    }
}
