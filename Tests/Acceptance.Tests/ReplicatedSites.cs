using StreamLearn.Operators;

namespace Acceptance.Tests;

internal sealed record ReplicatedSitesSettings
{
    internal int Sites { get; init; } = ReplicatedSites.Sites;

    internal int StepsPerUpdate { get; init; } = 1;

    internal int Workers { get; init; } = 1;

    /// <summary>By how much a worker may be ahead of the slowest one of its site.</summary>
    internal int Slack { get; init; }

    /// <summary>True: workers are machines of their own, beside that of their site.</summary>
    internal bool AreApart { get; init; }

    /// <summary>What is learned, and by which model; null: digits of the seed.</summary>
    internal SiteData? Data { get; init; }

    internal required ImmutableArray<ImmutableArray<int>> Rows { get; init; }

    /// <summary>What the others are told; null: all changes.</summary>
    internal KeepSignificantOptions? Keep { get; init; }

    internal LinkProfile Link { get; init; } = new() { Delay = TimeSpan.FromMilliseconds(1) };

    /// <summary>A step takes so much longer at a worker, counted site by site.</summary>
    internal Func<int, double> Slowness { get; init; } = static _ => 1;

    /// <summary>Bits a second up from a site; null: as <see cref="Link"/> has it.</summary>
    internal Func<int, double?> Up { get; init; } = static _ => null;

    /// <summary>What a site does when changes come too fast; null: they queue.</summary>
    internal Func<int, ImmutableArray<int>?>? Reads { get; init; }

    internal int MaxLead { get; init; } = 4;

    /// <summary>True: the changes of others are added by clock and name.</summary>
    internal bool IsOrdered { get; init; }

    /// <summary>When sites save their state; null: never.</summary>
    internal DeviceCheckpoints? Checkpoints { get; init; }

    internal long Seed { get; init; }
}

internal sealed record SiteData(LabeledRows Training, LabeledRows Unseen, Network Model, float Rate);

/// <summary>Section 3: four sites, softmax on 6000 glyph-digits, batches of 32, a rate of .02, one exchange for each batch.</summary>
internal sealed class ReplicatedSites : IDisposable
{
    internal const int Sites = 4;
    internal const int Digits = 6000;
    private const int Unseen = 2000;
    private const int BatchRows = 32;
    private const float Rate = 0.02f;

    internal static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(10);

    internal static readonly Network Model = ReferenceModels.Softmax(GlyphDigits.Pixels, GlyphDigits.Classes, seed: 1);

    private readonly VirtualWorld _world;
    private readonly SiteData _data;
    private readonly ReplicatedSitesSettings _settings;
    private readonly ITransport _inside;
    private readonly Dictionary<(int Site, long Clock), Weights> _made = [];

    internal ReplicatedSites(ReplicatedSitesSettings settings)
    {
        (_world, _settings) = (new(new() { Seed = settings.Seed }), settings);
        _data = settings.Data ?? new(LabeledRows.Of(GlyphDigits.Generate(Digits, settings.Seed)),
            LabeledRows.Of(GlyphDigits.Generate(Unseen, 1000 + settings.Seed)), Model, Rate);
        _inside = _world.LocalTransport("inside");
        Newest = [.. Enumerable.Repeat(_data.Model.Initial, settings.Sites)];
        Learned = new double[_data.Model.Plan.Values];
        Told = [.. Newest.Select(_ => new double[_data.Model.Plan.Values])];
        (Stale, Clocks) = (new int[settings.Sites], new long[settings.Sites]);
        var air = _world.Transport("air");
        for (var s = 0; s < settings.Sites; s++)
        {
            var site = s;
            Devices.Add(Add(Pipeline.Define($"site-{site}", p => Build(p, air, site)), site * settings.Workers,
                settings.Link with { UpBitsPerSecond = settings.Up(site) ?? settings.Link.UpBitsPerSecond }));
            if (!settings.AreApart) { continue; }
            for (var w = 0; w < settings.Workers; w++)
            {
                var worker = w;
                Add(Pipeline.Define(NameOf(site, worker), p =>
                    Learn(p, site, worker).Publish(_inside, $"sites/{site}/updates", LearningCodecs.Deltas)),
                    (site * settings.Workers) + worker, settings.Link);
            }
        }
    }

    internal List<VirtualDevice> Devices { get; } = [];

    internal Weights[] Newest { get; }

    internal long[] Clocks { get; }

    /// <summary>Versions of each site that came while values were awaited: how many of them lack some.</summary>
    internal int[] Stale { get; }

    /// <summary>The clock up to which each site has been told to await values of each other one, and up to which it has them.</summary>
    internal Dictionary<(int Site, string Of), (TimeSpan At, long Awaited, long Told)> Awaited { get; } = [];

    internal Weights At(int site, long clock) => _made[(site, clock)];

    /// <summary>The largest lead of a site over the slowest one, as seen whenever one goes on.</summary>
    internal long Lead { get; private set; }

    /// <summary>By how many updates the first worker of a site was ahead of the slowest at most, as it stood between two steps.</summary>
    internal double WorkerLead { get; private set; }

    internal double[] Learned { get; }

    internal double[][] Told { get; }

    internal TimeSpan Elapsed => _world.Elapsed;

    internal double Sent => (double)Count("changes-sent") / Count("changes");

    public void Dispose() => _world.Dispose();

    internal void RunTo(long steps)
    {
        for (var slices = 0; Clocks.Min() < steps; slices++)
        {
            if (slices == 100_000) { throw new InvalidOperationException($"the sites stand at {Clocks.Min()}"); }
            _world.RunFor(StepTime, TestContext.Current.CancellationToken);
            foreach (var device in Devices)
            {
                if (device.Failure is { } failure) { throw failure; }
                if (!device.Metrics["replicate"].Gauges.TryGetValue("worker-lead", out var lead)) { continue; }
                WorkerLead = Math.Max(WorkerLead, lead);
            }
        }
    }

    internal void Crash(int site, TimeSpan away)
    {
        var (crashed, from) = (Devices[site], Devices[site].LastCheckpoint);
        crashed.Crash();
        _world.At(_world.Elapsed + away, () =>
            Devices[site] = _world.Add(crashed.Pipeline, crashed.Profile, crashed.Link, _settings.Checkpoints, from));
    }

    internal double Accuracy(int site) =>
        Evaluation.Of(_data.Model, Newest[site], new(_data.Unseen.Features, _data.Unseen.Labels)).Accuracy;

    /// <summary>Bytes that all sites have sent, as their links counted them.</summary>
    internal long Bytes => Devices.Sum(static d => d.BytesUp);

    private long Count(string counter) => Devices.Sum(d => d.Metrics["replicate"].Counter(counter));

    private static string NameOf(int site, int worker) => $"site-{site}-{worker}";

    private VirtualDevice Add(Pipeline pipeline, int worker, LinkProfile link)
    {
        var rate = _data.Model.Plan.StepMultiplyAdds * BatchRows / (StepTime.TotalSeconds * _settings.Slowness(worker));
        return _world.Add(pipeline, new() { MultiplyAddsPerSecond = rate }, link, _settings.Checkpoints);
    }

    /// <summary>What a worker learns, which is all of its site if there is no other.</summary>
    private Flow<WeightDelta> Learn(PipelineBuilder p, int site, int worker)
    {
        var rows = _settings.Rows[(site * _settings.Workers) + worker];
        var (versions, of) = _settings.Workers == 1 ? ($"sites/{site}/model", "")
            : ($"sites/{site}/model/{NameOf(site, worker)}", $" {worker}");
        var (own, scores) = p
            .From($"digits{of}", new PlayedRows(_data.Training, rows),
                static (PlayedRows played, OperatorContext context) => new PlayedOnce(played, context), _data.Training.Schema)
            .Train(_data.Model, p.Subscribe(_inside, versions, LearningCodecs.Weights), new()
            {
                Optimizer = new Sgd(_data.Rate, Momentum: 0, ClipNorm: float.PositiveInfinity),
                BufferRows = rows.Length,
                StartAfterRows = rows.Length,
                Draw = DrawKind.Shuffle,
                Continuous = true,
                MaxVisits = null,
                BatchRows = BatchRows,
                StepsPerUpdate = _settings.StepsPerUpdate,
                Pace = TrainPace.LockStep,
            });
        own.Named($"train{of}");
        scores.Discard();
        own.ForEach($"learned{of}", u => Add(u, Learned));
        return _settings.Workers == 1 ? own : own.Map($"as worker{of}", u => u with { Device = NameOf(site, worker) });
    }

    private void Build(PipelineBuilder p, ITransport air, int site)
    {
        var own = _settings.AreApart ? p.Subscribe(_inside, $"sites/{site}/updates", LearningCodecs.Deltas)
            : Enumerable.Range(0, _settings.Workers).Select(w => Learn(p, site, w)).Aggregate(static (a, b) => a.Merge(b));
        var others = Enumerable.Range(0, _settings.Sites).Where(o => o != site)
            .Select(o => p.Subscribe(air, $"sites/{o}", LearningCodecs.Deltas).Named($"from {o}"))
            .Aggregate(static (a, b) => a.Merge(b));
        var options = new ReplicatedModelOptions
        {
            Others = _settings.Sites - 1,
            Workers = _settings.Workers,
            Slack = _settings.Slack,
            Keep = _settings.Keep,
            MaxLead = _settings.MaxLead,
            IsOrdered = _settings.IsOrdered,
        };
        var (versions, updates) = _settings.Reads is { } reads
            ? Signalled(p, own, others, site, options with { MaxUnheard = 2, Reads = reads(site) })
            : own.Replicate(_data.Model, others, options);
        if (_settings.Workers == 1) { versions.Publish(_inside, $"sites/{site}/model", LearningCodecs.Weights); }
        else { versions.PublishTo(_inside, new($"sites/{site}/model/{{to}}"), LearningCodecs.Weights, static v => v.Recipient ?? "all"); }
        versions.ForEach("watch", v =>
        {
            (Newest[site], _made[(site, v.Version)]) = (v, v);
            if (_settings.Workers == 1) { Clocks[site] = v.Version; }
            Stale[site] += Awaited.Any(a => a.Key.Site == site && a.Value.At < _world.Elapsed && a.Value.Awaited > a.Value.Told) ? 1 : 0;
            Lead = Math.Max(Lead, v.Version - Newest.Min(static n => n.Version));
        });
        updates.Publish(air, $"sites/{site}", LearningCodecs.Deltas);
        updates.ForEach("told", u =>
        {
            Add(u, Told[site]);
            if (_settings.Workers > 1) { Clocks[site] = u.BaseVersion; }
        });
    }

    /// <summary>Signals go a way of their own, on which they pass updates.</summary>
    private Fork<Weights, WeightDelta> Signalled(
        PipelineBuilder p, Flow<WeightDelta> own, Flow<WeightDelta> others, int site, ReplicatedModelOptions options)
    {
        var aside = _world.LocalTransport("signals");
        var heard = p.Subscribe(aside, "signals/all", SiteSignal.Codec).Named("signals to all")
            .Merge(p.Subscribe(aside, $"signals/site-{site}", SiteSignal.Codec).Named("signals to this one"));
        p.SaveWith(SiteSignal.Codec);
        var (versions, updates, signals) = own.ReplicateWithSignals(_data.Model, others, heard, options);
        signals.PublishTo(aside, new("signals/{to}"), SiteSignal.Codec, static s => s.Recipient ?? "all");
        heard.ForEach("awaited", s =>
        {
            if (s.Keys.IsEmpty || s.Site == $"site-{site}") { return; }
            var (_, _, told) = Awaited.GetValueOrDefault((site, s.Site));
            Awaited[(site, s.Site)] = (_world.Elapsed, s.Clock, told);
        });
        others.ForEach("values", u => Awaited[(site, u.Device)] =
            Awaited.GetValueOrDefault((site, u.Device)) with { Told = u.BaseVersion });
        return new(versions, updates);
    }

    private static void Add(WeightDelta update, double[] sums)
    {
        for (var i = 0; i < sums.Length; i++) { sums[i] += update.Values[i]; }
    }
}
