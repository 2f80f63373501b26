using System.Buffers;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Programs;
using StreamLearn.Testing;

namespace Sensor.Tests;

/// <summary>Two honest devices with an update a second each, while somebody speaks under many names.</summary>
public sealed class ManyNamesTests(ITestOutputHelper output) : IDisposable
{
    private const int Hellos = 10_000, Senders = 1_000;
    private static readonly string[] Honest = ["user-001", "user-002"];
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(8), While = TimeSpan.FromSeconds(8), After = TimeSpan.FromSeconds(26);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LongTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Honest_devices_keep_their_pace_while_many_names_come(bool overNats)
    {
        await using var server = await GuardedServer.StartAsync(overNats, guarded: false);
        await using var aggregator = await StartAsync(server);
        await aggregator.WaitForAsync("waiting for updates", TestContext.Current.CancellationToken);
        await using var liar = new Liar(server);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var devices = Honest.Select(name => new Pacer(server, name)).ToArray();
        var runs = devices.Select(d => d.RunAsync(over.Token)).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, over.Token);

        var without = await PaceAsync("without", devices, Before, over.Token);
        var names = SendAsync(Enumerable.Range(0, Hellos).Select(i => $"nobody-{i}"), name =>
            liar.PublishAsync(GuardedFleet.Topics.PresencesOf(name), LearningCodecs.Presences, Liar.Say(name, epoch: 1)));
        var during = await PaceAsync("10,000 names", devices, While, over.Token);
        output.WriteLine($"sent: {names.IsCompleted}");
        await names;
        var after = await PaceAsync("after them", devices, While, over.Token);
        var updates = SendAsync(Enumerable.Range(0, Senders).Select(i => $"sender-{i}"), async name =>
        {
            for (var i = 1; i <= 2; i++)
            {
                var update = liar.Update(devices[0].Newest) with { Device = name, Sequence = i };
                await liar.PublishAsync(GuardedFleet.Topics.DeltasOf(name), LearningCodecs.Deltas, update);
            }
        });
        var joined = await PaceAsync("1,000 with two updates", devices, After, over.Token);
        output.WriteLine($"sent: {updates.IsCompleted}");
        await over.CancelAsync();
        await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        output.WriteLine(aggregator.Log);
        Assert.True(during >= 0.8 * without && after >= 0.8 * without && joined >= 0.8 * without, $"{without} {during} {after} {joined}");
    }

    private async Task<double> PaceAsync(string what, Pacer[] devices, TimeSpan time, CancellationToken cancellationToken)
    {
        var (before, start) = (devices.Sum(static d => d.Answered), TimeProvider.System.GetTimestamp());
        await Task.Delay(time, TimeProvider.System, cancellationToken);
        var pace = (devices.Sum(static d => d.Answered) - before) / TimeProvider.System.GetElapsedTime(start).TotalSeconds / devices.Length;
        output.WriteLine($"{what}: {pace:0.00} updates a second of each");
        return pace;
    }

    private static async Task SendAsync(IEnumerable<string> names, Func<string, Task> send)
    {
        foreach (var some in names.Chunk(100)) { await Task.WhenAll(some.Select(send)); }
    }

    private async Task<ServerProcess> StartAsync(GuardedServer server)
    {
        var config = _folder.File("aggregator.yaml");
        await File.WriteAllTextAsync(config, await Programs.SampleAsync(Programs.Aggregator));
        return new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{Programs.Aggregator}.dll"), "run", "-c", config,
            "--set", $"link.url={server.Uri.ToString().TrimEnd('/')}", "--set", $"state={_folder.File("state")}",
            "--set", "aggregate.strategy.fedbuff.updates=2",
            "--set", $"link.login={server.Login(FleetTopics.Aggregator)}"]);
    }

    /// <summary>A device that sends its next update once a second, and no sooner than the one before is answered.</summary>
    private sealed class Pacer(GuardedServer server, string name)
    {
        private readonly long _start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        private long _sequence;
        private long _answered;
        private long _accepted;

        internal long Answered => Volatile.Read(ref _accepted);

        internal ModelVersion Newest { get; private set; }

        internal async Task RunAsync(CancellationToken cancellationToken)
        {
            await using var transport = new EnvelopedTransport(server.Open("gateway", $"sl-plant-{name}"));
            var topics = GuardedFleet.Topics;
            var versions = ReadAsync(transport, topics.ModelsOf(name), LearningCodecs.Weights, w =>
            {
                Newest = w.Id;
                return PublishAsync(transport, topics.PresencesOf(name), LearningCodecs.Presences,
                    new Presence { Device = name, Epoch = _start, Kind = PresenceKind.Holding, Held = w.Id });
            }, cancellationToken);
            var receipts = ReadAsync(transport, topics.ReceiptsOf(name), LearningCodecs.Receipts, r =>
            {
                if (r.FateOf(_sequence) is { } fate && Volatile.Read(ref _answered) < _sequence)
                {
                    Volatile.Write(ref _answered, _sequence);
                    if (fate.Outcome != UpdateOutcome.Refused) { Interlocked.Increment(ref _accepted); }
                }

                return Task.CompletedTask;
            }, cancellationToken);
            using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
            while (await second.WaitForNextTickAsync(cancellationToken))
            {
                if (Volatile.Read(ref _answered) < _sequence) { continue; }
                _sequence++;
                var newest = Newest;
                await PublishAsync(transport, topics.DeltasOf(name), LearningCodecs.Deltas, new WeightDelta
                {
                    Device = name,
                    Epoch = _start,
                    Sequence = _sequence,
                    BaseVersion = newest.Version,
                    BaseEpoch = newest.Epoch,
                    Held = newest,
                    Samples = 16,
                    Steps = 4,
                    SchemaHash = GuardedFleet.Model.Plan.SchemaHash,
                    Values = [.. Enumerable.Repeat(1e-4f, GuardedFleet.Model.Plan.Values)],
                });
            }
        }

        private async Task PublishAsync<T>(ITransport transport, Topic topic, ICodec<T> codec, T message)
            where T : class
        {
            var buffer = new ArrayBufferWriter<byte>();
            codec.Encode(message, buffer);
            await transport.PublishAsync(topic, new(buffer.WrittenMemory), new(new($"{name}/{codec.Name}", Interlocked.Increment(ref _number), _start))
            {
                Codec = codec.Name, Kind = codec.Kind,
            }, CancellationToken.None);
        }

        private long _number;

        private static Task ReadAsync<T>(ITransport transport, Topic topic, ICodec<T> codec, Func<T, Task> take, CancellationToken cancellationToken)
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
