using System.Buffers;

namespace Sensor.Tests;

public sealed class ManyNamesTests(ITestOutputHelper output) : IDisposable
{
    private const int Hellos = 10_000, Senders = 1_000;
    private static readonly string[] Known = ["user-001", "user-002"];
    private static readonly FleetTopics Topics = GuardedFleet.Topics;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<bool> Servers => [false, true];

    public void Dispose() => _folder.Dispose();

    [LongTheory]
    [MemberData(nameof(Servers))]
    public async Task Known_devices_keep_four_fifths_of_their_pace_while_many_names_come(bool overNats)
    {
        await using var server = await GuardedServer.StartAsync(overNats, guarded: false);
        await using var aggregator = await StartAsync(server);
        await aggregator.WaitForAsync("waiting for updates", TestContext.Current.CancellationToken);
        await using var liar = new Liar(server);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var devices = Known.Select(name => new Pacer(server, name)).ToArray();
        var runs = devices.Select(d => d.RunAsync(over.Token)).ToArray();
        await PaceAsync("first", devices, seconds: 6, over.Token);

        var without = await PaceAsync("without", devices, seconds: 8, over.Token);
        var hellos = SendAsync(Hellos, i => liar.PublishAsync(
            Topics.PresencesOf($"nobody-{i}"), LearningCodecs.Presences, Liar.Say($"nobody-{i}", epoch: 1)));
        var during = await PaceAsync($"while {Hellos} names come", devices, seconds: 8, over.Token);
        await hellos;
        var updates = SendAsync(2 * Senders, i => liar.PublishAsync(Topics.DeltasOf($"sender-{i / 2}"), LearningCodecs.Deltas,
            liar.Update(devices[0].Newest) with { Device = $"sender-{i / 2}", Sequence = 1 + (i % 2) }));
        var joined = await PaceAsync($"while {Senders} names send two updates each", devices, seconds: 26, over.Token);
        await updates;
        await over.CancelAsync();
        await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Assert.InRange(without, 0.5, 1.5);
        Assert.True(Math.Min(during, joined) >= 0.8 * without, $"{without} {during} {joined}\n{aggregator.Log}");
    }

    private async Task<double> PaceAsync(string when, Pacer[] devices, int seconds, CancellationToken cancellationToken)
    {
        var (before, start) = (devices.Sum(static d => d.Accepted), TimeProvider.System.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
        var pace = (devices.Sum(static d => d.Accepted) - before) / TimeProvider.System.GetElapsedTime(start).TotalSeconds / devices.Length;
        output.WriteLine(FormattableString.Invariant($"{when}: {pace:0.00} updates a second of each known device"));
        return pace;
    }

    private static async Task SendAsync(int count, Func<int, Task> send)
    {
        foreach (var some in Enumerable.Range(0, count).Chunk(100)) { await Task.WhenAll(some.Select(send)); }
    }

    private async Task<ServerProcess> StartAsync(GuardedServer server)
    {
        var config = _folder.File("aggregator.yaml");
        await File.WriteAllTextAsync(config, await Programs.SampleAsync(Programs.Aggregator));
        return new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{Programs.Aggregator}.dll"), "run", "-c", config,
            "--set", $"link.url={server.Uri.ToString().TrimEnd('/')}", "--set", $"state={_folder.File("state")}",
            "--set", "aggregate.strategy.fedbuff.updates=2", "--set", $"link.login={server.Login(FleetTopics.Aggregator)}"]);
    }

    /// <summary>A device that sends its next update once a second, and no sooner than the one before is answered.</summary>
    private sealed class Pacer(GuardedServer server, string name)
    {
        private readonly long _start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        private long _messages;
        private long _sent;
        private long _answered;
        private long _accepted;

        internal long Accepted => Interlocked.Read(ref _accepted);

        internal ModelVersion Newest { get; private set; }

        internal async Task RunAsync(CancellationToken cancellationToken)
        {
            await using var transport = new EnvelopedTransport(server.Open("gateway", $"sl-plant-{name}"));
            var versions = ReadAsync(transport, Topics.ModelsOf(name), LearningCodecs.Weights, version =>
            {
                Newest = version.Id;
                return PublishAsync(transport, Topics.PresencesOf(name), LearningCodecs.Presences,
                    new() { Device = name, Epoch = _start, Kind = PresenceKind.Holding, Held = version.Id });
            }, cancellationToken);
            var receipts = ReadAsync(transport, Topics.ReceiptsOf(name), LearningCodecs.Receipts, receipt =>
            {
                var isNew = receipt.FateOf(_sent) is not null && Interlocked.Exchange(ref _answered, _sent) != _sent;
                if (isNew && receipt.FateOf(_sent)!.Value.Outcome != UpdateOutcome.Refused) { Interlocked.Increment(ref _accepted); }
                return Task.CompletedTask;
            }, cancellationToken);
            using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
            while (await second.WaitForNextTickAsync(cancellationToken))
            {
                if (Interlocked.Read(ref _answered) < _sent) { continue; }
                await PublishAsync(transport, Topics.DeltasOf(name), LearningCodecs.Deltas, Update());
            }

            await Task.WhenAll(versions, receipts);
        }

        private WeightDelta Update() => new()
        {
            Device = name,
            Epoch = _start,
            Sequence = ++_sent,
            BaseVersion = Newest.Version,
            BaseEpoch = Newest.Epoch,
            Held = Newest,
            Samples = 16,
            Steps = 4,
            SchemaHash = GuardedFleet.Model.Plan.SchemaHash,
            Values = [.. Enumerable.Repeat(1e-4f, GuardedFleet.Model.Plan.Values)],
        };

        private Task PublishAsync<T>(EnvelopedTransport transport, Topic topic, ICodec<T> codec, T message)
            where T : class
        {
            var buffer = new ArrayBufferWriter<byte>();
            codec.Encode(message, buffer);
            var origin = new MessageOrigin($"{name}/{codec.Name}", Interlocked.Increment(ref _messages), _start);
            return transport.PublishAsync(topic, new(buffer.WrittenMemory), new(origin) { Codec = codec.Name, Kind = codec.Kind },
                TestContext.Current.CancellationToken).AsTask();
        }

        private static Task ReadAsync<T>(
            EnvelopedTransport transport, Topic topic, ICodec<T> codec, Func<T, Task> take, CancellationToken cancellationToken)
            where T : class => Task.Run(async () =>
        {
            await foreach (var message in transport.SubscribeAsync(topic, new(), cancellationToken))
            {
                if (codec.TryDecode(message.Payload, new(), out var value)) { await take(value); }
                message.Acknowledge();
                message.Dispose();
            }
        }, cancellationToken);
    }
}
