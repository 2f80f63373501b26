using System.Buffers;
using System.Collections.Concurrent;
using StreamLearn.Mqtt;
using StreamLearn.Nodes;

namespace Sensor.Tests;

public sealed class ForgedAnswersTests : IDisposable
{
    private const int Forged = 20_000;
    private const string Fleet = "learns-state/plant/aggregator";
    private static readonly FleetTopics Topics = new("sl/plant");

    private readonly TemporaryFolder _folder = new();
    private readonly RandomStream _random = new(7, "forged");
    private int _ended;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [LongFact]
    public async Task Sensors_learn_and_answer_with_their_aggregator_once_nobody_forges_its_answers()
    {
        await using var server = await Mosquitto.StartAsync();
        await WriteAsync();
        StartedProgram Start(string program, string file, params string[] more) => Programs.Start(program,
            ["run", "-c", _folder.File(file), "--set", $"link.url={server.Uri.ToString().TrimEnd('/')}", .. more]);
        using var aggregator = Start(Programs.Aggregator, "a.yaml",
            "--set", "aggregate.answers=float32", "--set", "aggregate.strategy.fedavg.devices=1");
        await aggregator.UntilSaysAsync("waiting for updates");
        using var learns = Start(Programs.Sensor, "learns.yaml");
        using var answers = Start(Programs.Sensor, "answers.yaml");
        await UntilAsync(Fleet, static s => Number(s, "version") > 2);
        await UntilAsync("answers-state", static s => Number(s, "answers_by_aggregator") > 2);

        await using var liar = new EnvelopedTransport(new MqttTransport(new() { Server = server.Uri }));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var lies = Task.WhenAll(
            LieAsync(liar, $"{Topics.Run}/aggregator/down/+/gradient", LearningCodecs.BoundaryGradients, Forge, 4, over),
            LieAsync(liar, $"{Topics.Run}/aggregator/down/+/rest", NodesCodecs.RestAnswers, Forge, Forged, over));
        await UntilAsync("answers-state", _ => lies.IsCompleted || learns.Process.HasExited || answers.Process.HasExited);
        await lies;
        var ended = TimeProvider.System.GetTimestamp();
        var (version, answered) = (Number(Status(Fleet), "version"), Number(Status("answers-state"), "answers_by_aggregator"));
        await UntilAsync("answers-state", s => Number(s, "answers_by_aggregator") > answered + 20);
        await UntilAsync(Fleet, s => Number(s, "version") > version + 3);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Forged} forged; learning again after {TimeProvider.System.GetElapsedTime(ended).TotalSeconds:f0} s");

        foreach (var program in new[] { learns, answers, aggregator })
        {
            program.Process.Refresh();
            Assert.InRange(program.Process.WorkingSet64, 1, 1L << 30);
            Assert.Equal(0, (await Programs.StopAsync(program)).ExitCode);
        }
    }

    /// <summary>Sends other ones like the newest message of the aggregator; every second has one of the numbers that the aggregator gives
    /// next.</summary>
    private async Task LieAsync<T>(
        EnvelopedTransport liar, Topic filter, ICodec<T> codec, Func<T, T> forge, int numbers, CancellationTokenSource over)
        where T : class
    {
        (Topic Topic, MessageOrigin Origin, T Value)? newest = null;
        var own = new ConcurrentDictionary<MessageOrigin, bool>();
        var listening = Task.Run(async () =>
        {
            await foreach (var message in liar.SubscribeAsync(filter, new() { Capacity = 1024 }, over.Token))
            {
                if (!own.ContainsKey(message.Origin) && codec.TryDecode(message.Payload, new(), out var real))
                {
                    newest = (message.Topic, message.Origin, real);
                }

                message.Acknowledge();
                message.Dispose();
            }
        }, Cancellation);
        for (var sent = 0; sent < Forged / 2;)
        {
            if (newest is not var (topic, origin, real))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
                continue;
            }

            var buffer = new ArrayBufferWriter<byte>();
            codec.Encode(forge(real), buffer);
            var forged = sent % 2 == 0 ? new("liar", sent, 1) : origin with { Sequence = origin.Sequence + (sent / 2 % numbers) };
            own[forged] = true;
            await liar.PublishAsync(topic, new(buffer.WrittenMemory), new(forged) { Codec = codec.Name, Kind = codec.Kind }, Cancellation);
            sent++;
        }

        if (Interlocked.Increment(ref _ended) == 2) { await over.CancelAsync(); }
        await listening;
    }

    private BoundaryGradients Forge(BoundaryGradients real) => (real with { Sequence = real.Sequence + _random.NextInt32(3) }) is var next
        ? _random.NextInt32(8) switch
        {
            0 => next with { Values = [.. next.Values.Select(static _ => float.NaN)] },
            1 => next with { Values = [.. next.Values.Select(static v => 1e30f * v)], Loss = float.MaxValue },
            2 => next with { Split = 0, Begins = new(1, 1) },
            3 => next with { Voids = true },
            4 => next with { Edge = "nobody", Term = 1 + _random.NextInt32(int.MaxValue) },
            5 => next with { Epoch = long.MaxValue, Sequence = long.MaxValue, Values = [1, 2] },
            6 => next with { Begins = new(long.MaxValue, long.MaxValue), Part = new() { First = 0, End = 99, Values = [], State = [] } },
            _ => next,
        } : real;

    private RestAnswer Forge(RestAnswer real) => (real with { Sequence = real.Sequence + _random.NextInt32(3) }) is var next
        ? _random.NextInt32(6) switch
        {
            0 => next with { SecondsPerMultiplyAdd = double.MaxValue },
            1 => next with { Values = [.. Enumerable.Repeat(float.NaN, 6)] },
            2 => next with { Values = [.. Enumerable.Repeat(1f, 100_000)] },
            3 => next with { Refusal = RestRefusal.Version, SecondsPerMultiplyAdd = 1e6 },
            4 => next with { Epoch = long.MinValue, Sequence = long.MinValue },
            _ => next,
        } : real;

    private static long Number(JsonElement status, string name) => status.TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private JsonElement Status(string of) => JsonDocument.Parse(File.ReadAllBytes(FileOf(of))).RootElement;

    private string FileOf(string of) => _folder.File($"{of}/status.json");

    private async Task UntilAsync(string of, Func<JsonElement, bool> isSo)
    {
        while (!File.Exists(FileOf(of)) || !isSo(Status(of)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
    }

    private async Task WriteAsync()
    {
        foreach (var (name, keys) in new[]
        {
            ("learns", "pipeline: [check: {}, window: {}, learn: { split: auto, batch: 4 }]"),
            ("answers", "pipeline: [check: {}, window: {}, learn: {}]\nanswer: { topic: 'answers/{device}', where: edge, within: 2s }"),
        })
        {
            await File.WriteAllTextAsync(_folder.File($"{name}.yaml"), $$"""
                streamlearn: 1
                fleet: plant
                state: '{{_folder.File($"{name}-state")}}'
                link: { url: 'nats://127.0.0.1' }
                source: { generator: { users: [{{(name == "learns" ? 1 : 2)}}], length: 200m, speed: 40 } }
                exchange: { steps_per_update: 5, heartbeat: 1s }
                {{keys}}
                """, Cancellation);
        }

        var init = await Programs.RunAsync(Programs.Aggregator, "config", "init", "--model-of", _folder.File("learns.yaml"));
        await File.WriteAllTextAsync(_folder.File("a.yaml"), init.Output, Cancellation);
    }
}
