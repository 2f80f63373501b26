using System.Buffers;
using System.Collections.Concurrent;
using System.Reflection;
using Aggregator;
using StreamLearn.Compression;
using StreamLearn.Fleets;
using StreamLearn.Mqtt;
using StreamLearn.Nodes;

namespace Sensor.Tests;

public sealed class ForgedLinesTests : IDisposable
{
    private const string Evil = "x\r\nFAKE: all good\e[2J\u202e";
    private const string Device = "pump-7";
    private const string Devices = "state/status.json";
    private const string Fleet = "state/plant/aggregator/status.json";
    private const string Updates = "state/plant/aggregator/updates.jsonl";

    /// <summary>Messages with texts that no program of a fleet reads.</summary>
    private static readonly Type[] OfNoProgram =
    [
        typeof(CascadeQuestion), typeof(CascadeAnswer), typeof(FleetMoments), typeof(GenerationPlan), typeof(PartTask), typeof(PartResult),
        typeof(SessionTransfer), typeof(ShardActivation), typeof(ShardToken), typeof(SiteSignal), typeof(SoftLabels), typeof(SplitPlan),
        typeof(StageReady), typeof(WindowAnswer), typeof(Alert), typeof(AnomalyAlert), typeof(string), typeof(ExitPlan), typeof(Directive),
    ];

    private static readonly FleetTopics Topics = new("sl/plant");
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentBag<Type> _sent = [];
    private long _number;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_text_of_a_message_makes_a_line_of_its_own_or_controls_a_terminal()
    {
        await using var server = await Mosquitto.StartAsync();
        await WriteAsync(server.Uri);
        await using var liar = new EnvelopedTransport(new MqttTransport(new() { Server = server.Uri }));
        string[] own = ["-c", _folder.File("s.yaml")];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var refusing = RefuseAsync(liar, over.Token);

        using var sensor = Programs.Start(Programs.Sensor, ["run", .. own]);
        await UntilAsync(Devices, s => Number(s, "updates_refused") > 0 && Number(s, "labels_unknown_class") > 0
            && s.TryGetProperty("devices_that_differ", out var differ) && differ.GetArrayLength() > 0, () => LieToSensorAsync(liar));
        await over.CancelAsync();
        await Task.WhenAny(refusing);
        using var aggregator = Programs.Start(Programs.Aggregator, ["run", "--http", "0", "-c", _folder.File("a.yaml")]);
        await aggregator.UntilSaysAsync("waiting for updates");
        await UntilAsync(Fleet,
            static s => s.GetProperty("devices").EnumerateArray().Count(static d => d.GetProperty("name").GetString()![0] == 'x') > 1,
            () => LieToAggregatorAsync(liar));
        await LiveSourceTests.UntilAsync(() => File.Exists(_folder.File(Updates)));

        var shown = await Programs.RunAsync(Programs.Sensor, ["status", .. own]);
        List<string> outputs = [shown.Output, await PageAsync(new(Regex.Match(aggregator.Written(), @"page (\S+)").Groups[1].Value))];
        foreach (var program in new[] { sensor, aggregator })
        {
            var (_, output, error) = await Programs.StopAsync(program);
            outputs.AddRange([output, error]);
        }

        var (devices, fleet) = (Json(Devices), Json(Fleet));
        outputs.AddRange([.. StatusCommand.Text(fleet), .. DevicesCommand.Table(fleet), .. DevicesShown.Text(fleet, null),
            .. File.ReadLines(_folder.File(Updates)).Select(UpdatesCommand.Text), .. Texts(fleet), .. Texts(devices),
            .. Directory.EnumerateFiles(_folder.File("state"), "*.json*", SearchOption.AllDirectories).Select(File.ReadAllText)]);
        Assert.All(outputs, static text => Assert.DoesNotContain(text.Replace("\n", "", StringComparison.Ordinal).EnumerateRunes(),
            static r => !PrintableText.IsPrintable(r)));
        Assert.DoesNotContain(outputs.SelectMany(static o => o.Split('\n')),
            static line => line.TrimStart().StartsWith("FAKE", StringComparison.Ordinal));
        var all = string.Concat(outputs);
        foreach (var said in (string[])["device 'x··FAKE", "got 'x··FAKE", "the rows of x··FAKE", "; x··FAKE", "refused_x··FAKE"])
        {
            Assert.Contains(said, all, StringComparison.Ordinal);
        }

        Assert.Empty(WithTexts().Except(_sent).Except(OfNoProgram));
    }

    private async Task LieToSensorAsync(EnvelopedTransport liar)
    {
        foreach (var (name, mean) in new[] { ("a", 0), ("b", 0), ("c", 0), ("d", 9) })
        {
            var moments = new RowMoments(1);
            for (var row = 0; row < 1000; row++) { moments.Add([mean + (row % 7)]); }
            await SendAsync(liar, Topics.MomentsOf(Evil + name), DeviceMoments.Codec, new(Evil + name, 1, [Evil], moments));
        }

        foreach (var (name, from, to) in new[] { (Evil, -100, 0), ("good", -100, -80), ("worn", -80, 0) })
        {
            await SendAsync(liar, Topics.Labels, LabelSpan.Codec, new(Device, name, Now.AddSeconds(from), Now.AddSeconds(to)));
        }

        await SendAsync(liar, Topics.ModelsOf(Device), LearningCodecs.Weights,
            new() { Version = 1, SchemaHash = 1, Values = [1], Recipient = Evil, Directives = [new() { Device = Evil }] });
        await SendAsync(liar, Topics.GradientsOf(Device), LearningCodecs.BoundaryGradients,
            new() { Device = Evil, Epoch = 1, Sequence = 1, Split = 1, SchemaHash = 1, Edge = Evil });
        await SendAsync(liar, Topics.RestsOf(Device), NodesCodecs.RestAnswers,
            new() { Device = Evil, Epoch = 1, Sequence = 1, Values = [1] });
        var model = new ArrayBufferWriter<byte>();
        ModelSignature.Codec.Encode(SignatureOf(""), model);
        await SendAsync(liar, Topics.ReceiptsOf(Device), LearningCodecs.Receipts,
            new() { Device = Device, Epoch = 1, Aggregator = Evil, Newest = default, Fates = [], Model = [.. model.WrittenSpan] });
    }

    private async Task LieToAggregatorAsync(EnvelopedTransport liar)
    {
        var activations = new Activations
        {
            Device = Evil,
            Epoch = 1,
            Sequence = Interlocked.Increment(ref _number),
            Split = 1,
            SchemaHash = 1,
            Rows = 1,
            Values = [1],
            Edge = Evil,
        };
        foreach (var of in new[] { Evil, Evil + "2" })      // the topic of another one as well
        {
            await SendAsync(liar, Topics.PresencesOf(of), LearningCodecs.Presences, new()
            {
                Device = Evil,
                Epoch = 1,
                Kind = PresenceKind.Hello,
                Capabilities = new(1, 1, Evil, Evil),
            });
            await SendAsync(liar, Topics.DeltasOf(of), LearningCodecs.Deltas, new()
            {
                Device = Evil,
                Epoch = 1,
                Sequence = Interlocked.Increment(ref _number),
                BaseVersion = 0,
                Samples = 1,
                Steps = 1,
                SchemaHash = 1,
                Values = [1],
            });
            await SendAsync(liar, Topics.ScoresOf(of), LearningCodecs.ScoresOf(2), new()
            {
                Device = Evil,
                Epoch = 1,
                ModelVersion = 1,
                Rows = 100,
                Loss = 1,
                NewestLoss = 1,
                Confusion = [50, 0, 0, 50],
                Newest = [50, 0, 0, 50],
                Running = TimeSpan.FromMinutes(1),
                HeldUp = [new(Evil, TimeSpan.FromSeconds(50))],
            });
            await SendAsync(liar, Topics.NewsOf(of), DeviceNews.Json,
                new(Evil) { Class = Evil, Unit = Evil, Alert = Evil, AlertAt = Now, Waiting = 1 });
            await SendAsync(liar, Topics.SignatureOf(of), ModelSignature.Codec, SignatureOf(of));
            await SendAsync(liar, Topics.ActivationsOf(of), LearningCodecs.Activations, activations);
            await SendAsync(liar, Topics.RestRequestsOf(of), NodesCodecs.RestRequests, new(activations, new(1, 1)));
            await SendAsync(liar, Topics.LinksOf(of), NodesCodecs.LinkEstimates,
                new() { Device = Evil, BitsPerSecond = 1, At = Now, Kind = LinkEstimateKind.Probe });
            await SendAsync(liar, Topics.ProbesOf(of), NodesCodecs.LinkProbes,
                new() { Device = Evil, Epoch = 1, Sequence = 1, SentAt = Now, Bytes = 512 });
            await SendAsync(liar, Topics.PiecesOf(of), UpdatePiece.Codec,
                new() { Device = Evil, Epoch = 1, Sequence = 1, Offset = 0, Total = 9, Checksum = 1, Bytes = [1] });
        }

        await SendAsync(liar, Topics.Forgotten, ForgottenDevice.Codec, new(Evil));
        await SendAsync(liar, Topics.Choices, StrategyChoice.Codec, new(Evil));
    }

    private static ModelSignature SignatureOf(string device) =>
        new([Field.Channel(Evil, Unit.One)], 32, Evil) { Classes = [Evil, "worn"], Device = device, Epoch = 1 };

    private async Task SendAsync<T>(EnvelopedTransport liar, Topic topic, ICodec<T> codec, T message)
        where T : class
    {
        _sent.Add(typeof(T));
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(message, buffer);
        var origin = new MessageOrigin("liar", Interlocked.Increment(ref _number), Now.ToUnixTimeMilliseconds());
        await liar.PublishAsync(topic, new(buffer.WrittenMemory), new(origin) { Codec = codec.Name, Kind = codec.Kind }, Cancellation);
    }

    private async Task RefuseAsync(EnvelopedTransport liar, CancellationToken over)
    {
        await foreach (var message in liar.SubscribeAsync(Topics.DeltasOf(Device), new(), over))
        {
            Assert.True(LearningCodecs.Deltas.TryDecode(message.Payload, new(), out var update));
            message.Acknowledge();
            message.Dispose();
            await SendAsync(liar, Topics.ReceiptsOf(Device), LearningCodecs.Receipts, new()
            {
                Device = Device,
                Epoch = update.Epoch,
                Aggregator = Evil,
                Newest = default,
                Fates = [new(update.Sequence, UpdateOutcome.Refused, Evil)],
            });
        }
    }

    private static IEnumerable<Type> WithTexts() => new[]
        {
            typeof(LearningCodecs), typeof(FleetTopics), typeof(StrategyChoice), typeof(CompressionCodecs),
        }
        .SelectMany(static t => t.Assembly.GetExportedTypes())
        .SelectMany(static t => t.GetProperties(BindingFlags.Public | BindingFlags.Static).Select(static p => p.PropertyType)
            .Append(t).SelectMany(static t => t.GetInterfaces().Append(t)))
        .Where(static t => t.IsGenericType && !t.ContainsGenericParameters && t.GetGenericTypeDefinition() == typeof(ICodec<>))
        .Select(static t => t.GetGenericArguments()[0]).Distinct()
        .Where(static t => t == typeof(string) || HasText(t, 0));

    private static bool HasText(Type type, int depth) => depth < 4 && type.Namespace?.StartsWith("StreamLearn", StringComparison.Ordinal)
        == true && type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(static p => p.PropertyType)
        .Select(static t => Nullable.GetUnderlyingType(t) ?? t)
        .SelectMany(static t => t.IsGenericType ? t.GetGenericArguments().Append(t) : [t])
        .Any(t => t == typeof(string) || HasText(t, depth + 1));

    /// <summary>Names and texts of JSON, as who shows them gets them.</summary>
    private static IEnumerable<string> Texts(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(static m => Texts(m.Value).Prepend(m.Name)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [json.GetString()!],
        _ => [],
    };

    private static long Number(JsonElement status, string name) => status.TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private static async Task<string> PageAsync(Uri page)
    {
        using var client = new HttpClient { BaseAddress = page };
        using var events = new StreamReader(await client.GetStreamAsync(new Uri("events", UriKind.Relative), Cancellation));
        var begin = new char[4096];
        return await client.GetStringAsync(new Uri("status.json", UriKind.Relative), Cancellation)
            + new string(begin, 0, await events.ReadBlockAsync(begin, Cancellation));
    }

    private async Task UntilAsync(string file, Func<JsonElement, bool> isSo, Func<Task> meanwhile) =>
        await LiveSourceTests.UntilAsync(() => File.Exists(_folder.File(file)) && isSo(Json(file)), meanwhile);

    private JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllText(_folder.File(file))).RootElement;

    private async Task WriteAsync(Uri server)
    {
        var url = server.ToString().TrimEnd('/');
        await File.WriteAllLinesAsync(_folder.File("rows.csv"), ["t,x,state", .. Enumerable.Range(0, 2000).Select(static i =>
            FormattableString.Invariant($"{Now.ToUnixTimeMilliseconds() - 100_000 + (20 * i)},{i % 7}.5,"))], Cancellation);
        await File.WriteAllTextAsync(_folder.File("s.yaml"), $$"""
            streamlearn: 1
            fleet: plant
            state: {{_folder.File("state")}}
            link: { url: '{{url}}' }
            source: { csv: { files: {{_folder.File("rows.csv")}}, follow: true, device: { name: {{Device}} } } }
            columns: { t: { time: ms }, x: {}, state: { label: [good, worn], later: true } }
            pipeline: [check: { stuck: 1d }, window: { samples: 32, hop: 16 }, learn: { batch: 8 }]
            exchange: { steps_per_update: 2, heartbeat: 100ms }
            anomalies: { learn_rows: 200, compare: true }
            """, Cancellation);
        await File.WriteAllTextAsync(_folder.File("a.yaml"), $$"""
            streamlearn: 1
            fleet: plant
            state: {{_folder.File("state")}}
            link: { url: '{{url}}' }
            model: { channels: 1, samples: 32, classes: 2, labels: [good, worn], columns: [x] }
            aggregate: { strategy: { fedavg: { devices: 1 } }, split: { batch: 8, boundary: int8 }, answers: float32 }
            """, Cancellation);
    }
}
