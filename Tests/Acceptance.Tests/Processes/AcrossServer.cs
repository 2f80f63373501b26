using System.Buffers;
using System.Collections.Concurrent;
using StreamLearn.Nats;

namespace Acceptance.Tests;

/// <summary>A device and an edge that answer rows together in real time, over a nats-server in a process of its own.</summary>
internal sealed class AcrossServer : IAsyncDisposable
{
    private const string Up = "across/up/device", Down = "across/down/device";

    private readonly NatsTransport _ofEdge;
    private readonly NatsTransport _ofDevice;
    private readonly SwitchedLink _way;
    private readonly PipelineRun _edge;
    private readonly PipelineRun _device;
    private readonly AcrossRowsOptions _rows;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private int _sent;

    private AcrossServer(RealNats server, AcrossRowsOptions rows, AcrossOptions options, LinkProfile[] links, double slowdown)
    {
        (Server, _rows) = (server, rows);
        (_ofEdge, _ofDevice) = (new(new() { Servers = [server.Uri] }), new(new() { Servers = [server.Uri] }));
        _way = new() { Ways = links.Length == 0 ? [_ofDevice] : [.. links.Select(l => new PlayedLink(_ofDevice, l))] };
        _edge = Pipeline.Define("edge", p => p.Subscribe(_ofEdge, Up, NodesCodecs.RestRequests)
            .AnswerRest(rows.Network, p.Input<Weights>("models")).Publish(_ofEdge, Down, NodesCodecs.RestAnswers)).Start();
        _device = Pipeline.Define("device", p =>
        {
            var (given, requests) = p.Input<Batch>("rows", rows.Columns).InferAcross(rows.Network, p.Input<Weights>("models"),
                p.Subscribe(_way, Down, NodesCodecs.RestAnswers), options);
            requests.Publish(_way, Up, NodesCodecs.RestRequests);
            given.ForEach("answers", Take);
        }).Start(new() { Slowdown = slowdown });
    }

    internal RealNats Server { get; }

    internal ConcurrentQueue<AnsweredRow> Answers { get; } = [];

    internal int Rows => _sent * _rows.Rows;

    internal BlockMetrics Metrics => _device.Metrics["infer-across"];

    internal double Seconds => Elapsed.TotalSeconds;

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_began);

    internal static async Task<AcrossServer> StartAsync(
        AcrossRowsOptions rows, Weights weights, AcrossOptions options, double slowdown = 1, params LinkProfile[] links)
    {
        var one = new AcrossServer(await RealNats.StartAsync(), rows, options, links, slowdown);
        await one._edge.SendAsync("models", weights, TestContext.Current.CancellationToken);
        await one._device.SendAsync("models", weights, TestContext.Current.CancellationToken);
        return one;
    }

    internal void TakeLink(int link) => _way.Taken = link;

    internal async Task SendUntilAsync(Func<bool> reached)
    {
        while (!reached())
        {
            var (batch, width) = (_device.Pool.Rent(_rows.Columns, _rows.Rows), _rows.Network.Plan.Input.Size);
            for (var r = 0; r < _rows.Rows; r++)
            {
                var number = (_sent * _rows.Rows) + r;
                batch["time"].Writable<long>()[r] = Elapsed.Ticks * TimeSpan.NanosecondsPerTick;
                batch["label"].Writable<int>()[r] = number;
                for (var c = 0; c < width; c++)
                {
                    batch.Channels[c].Writable<float>()[r] = _rows.Features[((number * width) + c) % _rows.Features.Length];
                }
            }

            _sent++;
            await _device.SendAsync("rows", batch, TestContext.Current.CancellationToken);
            await Task.Delay(_rows.Every, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    internal async Task EndAsync()
    {
        _device.Complete("rows");
        _device.Complete("models");
        while (Answers.Count < Rows)
        {
            await Task.Delay(_rows.Every, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        await _edge.DisposeAsync();
        await _ofDevice.DisposeAsync();
        await _ofEdge.DisposeAsync();
        await Server.DisposeAsync();
    }

    private void Take(Batch batch)
    {
        for (var r = 0; r < batch.Rows; r++)
        {
            var sent = TimeSpan.FromTicks(batch["time"].Values<long>()[r] / TimeSpan.NanosecondsPerTick);
            Answers.Enqueue(new(sent, batch["label"].Values<int>()[r], batch["class"].Values<int>()[r], batch["place"].Values<int>()[r],
                batch["exit"].Values<int>()[r], Elapsed - sent));
        }
    }

    private sealed class SwitchedLink : ITransport
    {
        internal required ITransport[] Ways { get; init; }

        internal volatile int Taken;

        public string Name => Ways[0].Name;

        public ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
            Ways[Taken].PublishAsync(topic, payload, options, cancellationToken);

        public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
            Ways[0].SubscribeAsync(filter, options, cancellationToken);

        public ValueTask DisposeAsync() => default;
    }
}
