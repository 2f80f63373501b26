using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Mqtt;
using StreamLearn.Nodes;
using StreamLearn.Operators;
using StreamLearn.Programs;

namespace Tool.Tests;

/// <summary>The code of docs/guides/fleet.md, so that it is compiled. A test holds both texts together.</summary>
internal static class FleetGuideExamples
{
    internal static Pipeline Device(string name, PumpRowsOptions rows, IModel model, ITransport link, long? epoch = null) =>
        Pipeline.Define(name, p =>
        {
            var models = p.Subscribe(link, $"sl/line-2/edge/down/{name}/model", LearningCodecs.Weights);
            var receipts = p.Subscribe(link, $"sl/line-2/edge/down/{name}/receipt", LearningCodecs.Receipts);
            var (updates, evaluations, presences) = p
                .From("rows", rows, (PumpRowsOptions o, OperatorContext c) => new PumpRows(o, c), PumpRows.Columns)
                .Train(model, models, receipts, new() { Epoch = epoch });

            var connections = p.Connections(link);
            updates.ControlledBy(connections);                          // a lost session is noticed at once
            connections.ForEach("say", c => Console.WriteLine($"{name} {c.Session}: {(c.IsConnected ? "connected" : c.Reason)}"));
            updates.Publish(link, $"sl/line-2/{name}/up/delta", LearningCodecs.Deltas);
            presences.Merge(p.Heartbeat(epoch: epoch)).Publish(link, $"sl/line-2/{name}/up/presence", LearningCodecs.Presences);
            evaluations.Output("scores");
        });

    internal static Pipeline Aggregator(
        IModel model, int devices, ITransport data, ITransport control, Action<Round> onRound, TimeSpan? restore = null) =>
        Pipeline.Define("edge", p =>
        {
            const int K = 4, UnderWay = 2;                              // updates in a round; CreditOptions.Updates
            const string Kept = "sl/line-2/edge/down/all/model";        // the newest version, retained
            var presences = p.Subscribe(control, "sl/line-2/{device}/up/presence", LearningCodecs.Presences);
            var (versions, rounds, receipts) = p
                .Subscribe(data, "sl/line-2/{device}/up/delta", LearningCodecs.Deltas, new() { Capacity = K + (UnderWay * devices) })
                .Aggregate(model, new FedBuff(K) { Staleness = Staleness.Polynomial(1) }, presences,
                    new() { Lease = TimeSpan.FromSeconds(30), Restore = restore });

            versions.PublishTo(control, new("sl/line-2/edge/down/{device}/model"), LearningCodecs.Weights, v => v.Recipient!);
            receipts.PublishTo(control, new("sl/line-2/edge/down/{device}/receipt"), LearningCodecs.Receipts, r => r.Device);
            rounds.Made().Publish(control, Kept, LearningCodecs.Weights, retain: true);
            rounds.ForEach("rounds", onRound);
            versions.ControlledBy(p.Connections(data));                 // after a lost session it sends what devices missed
            if (restore is not null)
            {
                // not durable: the server keeps no older versions for it; it gets the one that is retained
                versions.ControlledBy(p.Subscribe(control, Kept, LearningCodecs.Weights, new() { Durable = false }).Take());
            }
        });

    internal static async Task RunAsync(Pipeline device)
    {
        await using var run = device.Start();
        Evaluation? own = null;
        await foreach (var score in run.ReadAllAsync<Evaluation>("scores")) { own = own is null ? score : Evaluation.Add(own, score); }
        await run.DrainAsync();                                         // ends the heartbeat, and so the run
        Console.WriteLine(own);                                         // such as: pump-1 version 120: 96.2 % of 1000 rows, loss ...
    }

    internal static async Task<Evaluation> LearnAloneAsync()
    {
        var model = new SoftmaxRegression(features: 2, classes: 2, seed: 1);
        Round? newest = null;
        var pipeline = Pipeline.Define("pump-1", p =>
        {
            var (updates, evaluations) = p
                .From("rows", new(Batches: 100), (PumpRowsOptions o, OperatorContext c) => new PumpRows(o, c), PumpRows.Columns)
                .Train(model, p.FromSequence("no models", _ => AsyncEnumerable.Empty<Weights>()));
            var (versions, rounds) = updates.Aggregate(model, new FedBuff(1));
            versions.Discard();
            rounds.ForEach("newest", round => newest = round);
            evaluations.ForEach("own", own => Console.WriteLine(own));
        });
        await pipeline.RunAsync();
        return Judge(model, newest!.Averaged);
    }

    internal static async Task<Evaluation> LearnAsync()
    {
        var model = new SoftmaxRegression(features: 2, classes: 2, seed: 1);
        await using var link = new InProcessTransport();
        Round? newest = null;
        await using var edge = Aggregator(model, devices: 2, link, link, round => newest = round).Start();
        await Task.WhenAll(new[] { "pump-1", "pump-2" }.Select(name => RunAsync(Device(name, new(Batches: 100), model, link))));
        await edge.DrainAsync();
        var unseen = Judge(model, newest!.Averaged);
        Console.WriteLine($"accuracy {unseen.Accuracy:0.000} on {unseen.Rows} unseen rows");
        return unseen;
    }

    internal static async Task RunDeviceAsync(string name, Uri server, Task stopped)
    {
        await using var link = new MqttTransport(new() { Server = server, ClientId = name });
        await using var run = Device(name, new(Batches: null), new SoftmaxRegression(features: 2, classes: 2, seed: 1), link).Start();
        var scores = PrintAsync();
        await stopped;
        await run.DrainAsync();
        await scores;

        async Task PrintAsync()
        {
            await foreach (var score in run.ReadAllAsync<Evaluation>("scores")) { Console.WriteLine(score); }
        }
    }

    internal static async Task RunEdgeAsync(Uri server, int devices, TimeSpan restore, Action<Round> onRound, Task stopped)
    {
        await using var data = new MqttTransport(new() { Server = server, ClientId = "edge-data" });
        await using var control = new MqttTransport(new() { Server = server, ClientId = "edge-control" });
        var model = new SoftmaxRegression(features: 2, classes: 2, seed: 1);
        await using var edge = Aggregator(model, devices, data, control, onRound, restore).Start();
        await stopped;
        await edge.DrainAsync();
    }

    internal static async Task MainAsync(string[] args)
    {
        var stopped = new TaskCompletionSource();
        Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopped.TrySetResult(); };
        var (name, server) = (args[0], new Uri(args[1]));
        await using var broker = name == "edge" && server.IsLoopback ? await MqttBroker.StartAsync(new()) : null;
        await (name == "edge"
            ? RunEdgeAsync(server, devices: 2, restore: TimeSpan.FromSeconds(10), Console.WriteLine, stopped.Task)
            : RunDeviceAsync(name, server, stopped.Task));
    }

    internal static Fork<Weights, Round> AggregateByWork(Flow<WeightDelta> updates, IModel model, int k) =>
        updates.Aggregate(model, new FedBuff(k).Rounds with { Weigh = new ByWork(Weigh.BySamples, Steps: 32) });

    internal static void RegisterOwn()
    {
        StrategyNames.Register("by_work", static keys =>                     // strategy: { by_work: { updates: 10, steps: 32 } }
            new FedBuff((int)keys["updates"].Whole(1, 1000).Or(10)).Rounds with
            {
                Weigh = new ByWork(Weigh.BySamples, (int)keys["steps"].Whole(1, 1000).Or(32)),
            });
        Planners.Register("steady", new Steady(new AresJoint()));            // split: { planner: steady }
    }

    internal static Evaluation Judge(IModel model, Weights inUse)
    {
        var random = new RandomStream(seed: 7, "unseen");
        var labels = new int[1000];
        var features = new float[2 * labels.Length];                    // row after row
        for (var i = 0; i < labels.Length; i++) { (features[2 * i], features[(2 * i) + 1], labels[i]) = PumpRows.Draw(random); }
        return Evaluation.Of(model, inUse, new Sample(features, labels));
    }

    internal static long NextEpoch(string file)
    {
        var epoch = File.Exists(file) ? long.Parse(File.ReadAllText(file)) + 1 : 1;
        File.WriteAllText($"{file}.new", $"{epoch}");
        File.Move($"{file}.new", file, overwrite: true);                // a crash leaves the old number or the new one
        return epoch;
    }
}

internal sealed record ByWork(Weigh Otherwise, int Steps) : Weigh             // part of the steps, part of the weight
{
    public override float Of(in UpdateHeader update, in RoundView round) =>
        Otherwise.Of(update, round) * Math.Min(1, update.Steps / (float)Steps);
}

internal sealed record PumpRowsOptions(int? Batches);                   // null: without end

internal sealed class PumpRows(PumpRowsOptions options, OperatorContext context) : Source<Batch>
{
    internal static readonly Schema Columns = new(
        Field.Channel("vibration", new("m/s2")), Field.Channel("temperature", new("Cel")), Field.Label());
    private readonly DateTimeOffset _start = context.Now;
    private int _made;

    public override DateTimeOffset? NextAt => _made == options.Batches ? null : _start + (_made * TimeSpan.FromMilliseconds(10));

    public override Batch Next()
    {
        _made++;
        var batch = context.Pool.Rent(Columns, rows: 10);
        var vibration = batch["vibration"].Writable<float>();
        var temperature = batch["temperature"].Writable<float>();
        var label = batch["label"].Writable<int>();
        for (var i = 0; i < batch.Rows; i++) { (vibration[i], temperature[i], label[i]) = Draw(context.Random); }
        return batch;
    }

    internal static (float Vibration, float Temperature, int Label) Draw(RandomStream random)
    {
        var worn = random.NextInt32(2);                                 // the class: 0 sound, 1 worn
        return ((float)(2 + (3 * worn) + random.NextGaussian()), (float)(60 + (8 * worn) + (4 * random.NextGaussian())), worn);
    }
}
