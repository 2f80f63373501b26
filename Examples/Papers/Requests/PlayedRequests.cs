using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>Plays requests in the virtual world: a device computes its layers, a link carries activations and answers, a server computes
/// the rest. What it records are events of the world; no cost model has a part in it.</summary>
internal sealed class PlayedRequests(
    LayerCosts model, DeviceProfile device, DeviceProfile server, LinkProfile link, Objective objective)
{
    /// <summary>Plays requests, one after the other.</summary>
    internal ImmutableArray<RequestEvents> Run(int count, TimeSpan every, Func<int, TimeSpan, int> cutOf)
    {
        using var world = new VirtualWorld();
        var (air, played) = (world.Transport("air"), new RequestEvents[count]);
        var codec = PlayedRequestCodec.Instance;
        VirtualDevice? node = null;
        var (front, back) = (new Layers(model, request => (0, request.Cut)), new Layers(model, request => (request.Cut, model.Count)));
        world.Add(Pipeline.Define("server", p => Computed(p.Subscribe(air, "up", codec)
            .Map("arrived", request => Mark(request, played[request.Number] with { Arrived = Now() })), back)
            .Map("served", request => Mark(Sized(request, model.Count, objective.BytesPerGradient),
                played[request.Number] with { Served = Now() }))
            .Publish(air, "down", codec)), server);
        node = world.Add(Pipeline.Define("device", p =>
        {
            var done = Computed(p
                .From("requests", new Requests(count, every, cutOf), static (Requests of, OperatorContext context) => of.From(context))
                .Map("born", request => Mark(request, new(request.Cut, Now(), 0, 0, 0, 0, node!.Joules))), front)
                .Map("computed", request => Mark(Sized(request, request.Cut, objective.BytesPerValue),
                    played[request.Number] with { Sent = Now(), Arrived = Now(), Served = Now() }));
            done.Filter("away", request => request.Cut < model.Count).Publish(air, "up", codec);
            done.Filter("here", request => request.Cut == model.Count).ForEach("own answers", Answer);
            p.Subscribe(air, "down", codec).ForEach("answers", Answer);
        }), device, link);
        world.RunToEnd();
        return [.. played];

        double Now() => world.Elapsed.TotalSeconds;

        PlayedRequest Mark(PlayedRequest request, RequestEvents events)
        {
            played[request.Number] = events;
            return request;
        }

        PlayedRequest Sized(PlayedRequest request, int boundary, double bytesPerValue) =>
            request with { Bytes = (int)Math.Round(model.ValuesAt(boundary) * bytesPerValue) };

        static Flow<PlayedRequest> Computed(Flow<PlayedRequest> flow, Layers layers) => flow.Via("layers", layers,
            static (Layers of, OperatorContext context, IOutput<PlayedRequest> output) => new LayersOperator(of, context, output));

        void Answer(PlayedRequest request)
        {
            var events = played[request.Number];
            played[request.Number] = events with { Answered = Now(), Joules = node!.Joules - events.Joules };
        }
    }

    private sealed record Layers(LayerCosts Model, Func<PlayedRequest, (int First, int End)> Of) : IBlockOptions;

    private sealed class LayersOperator(Layers layers, OperatorContext context, IOutput<PlayedRequest> output) : Operator<PlayedRequest>
    {
        public override void Process(PlayedRequest input)
        {
            var (first, end) = layers.Of(input);
            context.ChargeLayers(first, end, rows: 1, backward: false, layers.Model.MultiplyAddsOf(first, end));
            output.Emit(input);
        }
    }

    private sealed record Requests(int Count, TimeSpan Every, Func<int, TimeSpan, int> CutOf)
    {
        internal Source<PlayedRequest> From(OperatorContext context) => new RequestSource(this, context.Now);
    }

    private sealed class RequestSource(Requests of, DateTimeOffset start) : Source<PlayedRequest>
    {
        private int _next;

        public override DateTimeOffset? NextAt => _next < of.Count ? start + (_next * of.Every) : null;

        public override PlayedRequest Next()
        {
            var cut = of.CutOf(_next, _next * of.Every);
            return new(_next++, cut, 0);
        }
    }
}
