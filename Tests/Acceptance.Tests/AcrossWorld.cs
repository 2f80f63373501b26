namespace Acceptance.Tests;

/// <summary><paramref name="Place"/>: 0 here, 1 the edge.</summary>
internal readonly record struct AnsweredRow(TimeSpan Sent, int Row, int Class, int Place, int Exit, TimeSpan Took);

/// <summary>Settings of the rows of a device: a batch each so often, the n-th row of all has its number in <c>label</c>.</summary>
internal sealed record AcrossRowsOptions(Network Network, float[] Features, int Rows, TimeSpan Every)
{
    internal Schema Columns => new(
        [Field.Time(), .. Enumerable.Range(0, Network.Plan.Input.Size).Select(static c => Field.Channel($"c{c}", Unit.One)),
        Field.Label()]);
}

internal sealed class AcrossRows(AcrossRowsOptions options, OperatorContext context) : Source<Batch>
{
    private readonly DateTimeOffset _start = context.Now + Begin;
    private readonly int _count = options.Features.Length / options.Network.Plan.Input.Size / options.Rows;
    private int _made;

    /// <summary>When the first rows come: the model has come before.</summary>
    private static TimeSpan Begin => TimeSpan.FromMilliseconds(3);

    public override DateTimeOffset? NextAt => _made < _count ? _start + (_made * options.Every) : null;

    public override Batch Next()
    {
        var batch = context.Pool.Rent(options.Columns, options.Rows);
        var width = options.Network.Plan.Input.Size;
        for (var r = 0; r < options.Rows; r++)
        {
            var number = (_made * options.Rows) + r;
            batch["time"].Writable<long>()[r] = (Begin + (_made * options.Every)).Ticks * TimeSpan.NanosecondsPerTick;
            batch["label"].Writable<int>()[r] = number;
            for (var c = 0; c < width; c++) { batch.Channels[c].Writable<float>()[r] = options.Features[(number * width) + c]; }
        }

        _made++;
        return batch;
    }
}

internal sealed class AcrossWorld(AcrossRowsOptions rows, Weights weights, AcrossOptions options)
{
    internal LinkProfile Link { get; init; } =
        new() { UpBitsPerSecond = 1e6, DownBitsPerSecond = 1e6, Delay = TimeSpan.FromMilliseconds(20) };

    internal DeviceProfile Device { get; init; } = new() { MultiplyAddsPerSecond = 5e6 };

    internal DeviceProfile Edge { get; init; } = new() { MultiplyAddsPerSecond = 1e9 };

    /// <summary>Devices with the same rows, each with a link of its own to the same edge.</summary>
    internal int Devices { get; init; } = 1;

    internal List<AnsweredRow> Answers { get; } = [];

    internal List<(TimeSpan At, RestRequest Request)> Sent { get; } = [];

    internal BlockMetrics Metrics { get; private set; } = null!;

    internal void Run()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        world.Add(Pipeline.Define("edge", p => p.Subscribe(air, "up/+", NodesCodecs.RestRequests)
            .AnswerRest(rows.Network, Versions(p)).PublishTo(air, "down/{device}", NodesCodecs.RestAnswers, static a => a.Device)), Edge);
        world.Add(Pipeline.Define("audit", p => p.Subscribe(air, "up/+", NodesCodecs.RestRequests)
            .ForEach("sent", r => Sent.Add((world.Elapsed, r)))));
        var names = Enumerable.Range(0, Devices).Select(static d => d == 0 ? "device" : $"device-{d}");
        var devices = names.Select(name => world.Add(Pipeline.Define(name, p =>
        {
            var answers = p.Subscribe(air, $"down/{name}", NodesCodecs.RestAnswers);
            var source = p.From("rows", rows, static (AcrossRowsOptions o, OperatorContext context) => new AcrossRows(o, context),
                rows.Columns);
            var (given, requests) = source.InferAcross(rows.Network, Versions(p), answers, options);
            requests.Publish(air, $"up/{name}", NodesCodecs.RestRequests);
            given.ForEach("answers", batch => Take(batch, world.Elapsed));
        }), Device, Link)).ToList();
        world.RunToEnd(TestContext.Current.CancellationToken);
        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        Assert.Equal(0, world.Pool.RentedBatches);
        Metrics = devices[0].Metrics["infer-across"];
    }

    private Flow<Weights> Versions(PipelineBuilder p) =>
        p.From("model", weights, static (Weights w, OperatorContext context) => new OneVersion(w, context.Now));

    private void Take(Batch batch, TimeSpan now)
    {
        for (var r = 0; r < batch.Rows; r++)
        {
            var sent = TimeSpan.FromTicks(batch["time"].Values<long>()[r] / TimeSpan.NanosecondsPerTick);
            Answers.Add(new(sent, batch["label"].Values<int>()[r], batch["class"].Values<int>()[r], batch["place"].Values<int>()[r],
                batch["exit"].Values<int>()[r], now - sent));
        }
    }

    private sealed class OneVersion(Weights weights, DateTimeOffset at) : Source<Weights>
    {
        private bool _isMade;

        public override DateTimeOffset? NextAt => _isMade ? null : at;

        public override Weights Next()
        {
            _isMade = true;
            return weights;
        }
    }
}
