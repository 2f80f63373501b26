using StreamLearn.Operators;

namespace Papers;

/// <summary>A simulated request, and its answer. Bytes: the size on the link.</summary>
internal sealed record PlayedRequest(int Number, int Cut, int Bytes);

/// <summary>When a request reached each stage, in seconds since the start of the run, and what it cost.</summary>
internal sealed record RequestEvents(int Cut, double Born, double Sent, double Arrived, double Served, double Answered, double Joules)
{
    internal double Seconds => Answered - Born;
}

/// <summary>Plays requests in a simulation: a device computes its layers, a link carries activations and answers, a server computes the
/// remaining layers. The results come from simulated events, without a cost model.</summary>
internal sealed class PlayedRequests(LayerCosts model, DeviceProfile device, DeviceProfile server, LinkProfile link, Objective objective)
{
    /// <summary>Payloads have exactly the declared size; most bytes are zeros.</summary>
    private static readonly NumbersCodec<PlayedRequest> Bytes = new("played-request/1", 3,
        static r => [r.Number, r.Cut, r.Bytes], static n => new(n[0], n[1], n[2]), static r => r.Bytes);

    internal ImmutableArray<RequestEvents> Run(int count, TimeSpan every, Func<int, TimeSpan, int> cutOf)
    {
        using var world = new VirtualWorld();
        var (air, played) = (world.Transport("air"), new RequestEvents[count]);
        VirtualDevice? node = null;
        world.Add(Pipeline.Define("server", p => Computed(p.Subscribe(air, "up", Bytes)
            .Map("arrived", request => Mark(request, played[request.Number] with { Arrived = Now() })),
            request => (request.Cut, model.Count))
            .Map("served", request => Mark(Sized(request, model.Count, objective.BytesPerGradient),
                played[request.Number] with { Served = Now() }))
            .Publish(air, "down", Bytes)), server);
        node = world.Add(Pipeline.Define("device", p =>
        {
            var done = Computed(p
                .From("requests", cutOf, (Func<int, TimeSpan, int> of, OperatorContext context) =>
                    new RequestSource(count, every, of, context.Now))
                .Map("born", request => Mark(request, new(request.Cut, Now(), 0, 0, 0, 0, node!.Joules))), request => (0, request.Cut))
                .Map("computed", request => Mark(Sized(request, request.Cut, objective.BytesPerValue),
                    played[request.Number] with { Sent = Now(), Arrived = Now(), Served = Now() }));
            done.Filter("away", request => request.Cut < model.Count).Publish(air, "up", Bytes);
            done.Filter("here", request => request.Cut == model.Count).ForEach("own answers", Answer);
            p.Subscribe(air, "down", Bytes).ForEach("answers", Answer);
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

        Flow<PlayedRequest> Computed(Flow<PlayedRequest> flow, Func<PlayedRequest, (int First, int End)> of) =>
            flow.Via("layers", new Layers(model, of), static (Layers layers, OperatorContext context, IOutput<PlayedRequest> output) =>
                new LayersOperator(layers, context, output));

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

    private sealed class RequestSource(int count, TimeSpan every, Func<int, TimeSpan, int> cutOf, DateTimeOffset start)
        : Source<PlayedRequest>
    {
        private int _next;

        public override DateTimeOffset? NextAt => _next < count ? start + (_next * every) : null;

        public override PlayedRequest Next() => new(_next, cutOf(_next, _next++ * every), 0);
    }
}
