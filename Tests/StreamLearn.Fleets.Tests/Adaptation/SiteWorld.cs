namespace StreamLearn.Fleets.Tests;

/// <summary>A site of a world.</summary>
internal sealed record SiteSettings(string Name, SiteSteps Steps, ReplicatedModelOptions Options)
{
    internal LinkProfile Link { get; init; } = new() { Delay = TimeSpan.FromMilliseconds(2) };

    /// <summary>Share of the messages of others that never come.</summary>
    internal double Lost { get; init; }

    /// <summary>All sites that there ever are.</summary>
    internal required string[] All { get; init; }

    /// <summary>Its workers, within its pipeline, where it has several.</summary>
    internal SiteSteps[] Workers { get; init; } = [];

    /// <summary>True: its workers are devices of their own.</summary>
    internal bool AreApart { get; init; }
}

/// <summary>Sites in virtual time, each of 1000 multiply-adds a millisecond; their signals go over their links, or over a way of their
/// own, on which they pass updates.</summary>
internal sealed class SiteWorld(IModel model, DeviceCheckpoints? checkpoints = null, bool signalsApart = false) : IDisposable
{
    internal VirtualWorld World { get; } = new(new() { Seed = 3, GuardMemory = true });

    /// <summary>The versions of each site, with their time.</summary>
    internal List<(string Site, TimeSpan At, Weights Version)> Versions { get; } = [];

    /// <summary>What each site has heard, with its time: updates and signals.</summary>
    internal List<(string Site, TimeSpan At, WeightDelta Update)> Updates { get; } = [];
    internal List<(string Site, TimeSpan At, SiteSignal Signal)> Signals { get; } = [];

    /// <summary>All that sites have told.</summary>
    internal double[] Told { get; } = new double[model.Plan.Values];
    internal VirtualDevice Device(string name) => World.Devices.Last(d => d.Name == name);
    internal BlockMetrics Metrics(string name) => Device(name).Metrics["replicate"];
    internal Weights Last(string site) => Versions.Last(v => v.Site == site).Version;
    internal VirtualDevice Add(SiteSettings site) => World.Add(Build(site), new() { MultiplyAddsPerSecond = 1e6 }, site.Link, checkpoints);

    /// <summary>Adds a worker that is a device of its own.</summary>
    internal VirtualDevice AddWorker(string site, SiteSteps steps) => World.Add(Pipeline.Define(steps.Site, p =>
    {
        var inside = World.LocalTransport("inside");
        Steps(p, ModelOf(p, inside, $"{site}/model/{steps.Site}", begins: true), steps)
            .Publish(inside, $"{site}/updates", LearningCodecs.Deltas);
    }), new() { MultiplyAddsPerSecond = 1e6 }, null, checkpoints);

    internal VirtualDevice Restart(VirtualDevice crashed, Checkpoint? from) =>
        World.Add(crashed.Pipeline, crashed.Profile, crashed.Link, checkpoints, from);

    /// <summary>Runs until something holds, at most for a minute of virtual time.</summary>
    internal void RunUntil(Func<bool> holds)
    {
        while (!holds())
        {
            Assert.True(World.Elapsed < TimeSpan.FromMinutes(5), "the sites do not come so far");
            World.RunFor(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
            Assert.All(World.Devices, static d => Assert.Null(d.Failure));
        }
    }

    public void Dispose() => World.Dispose();

    private static Flow<T> Losing<T>(string what, Flow<T> messages, double share)
        where T : class => messages.Via($"loses {what}", new Losses(share),
            static (Losses losses, OperatorContext context, IOutput<T> output) => new LossyWay<T>(losses, context, output));

    private Pipeline Build(SiteSettings site) => Pipeline.Define(site.Name, p =>
    {
        var (air, inside) = (World.Transport("air"), World.LocalTransport("inside"));
        var own = site.AreApart ? p.Subscribe(inside, $"{site.Name}/updates", LearningCodecs.Deltas)
            : site.Workers.Length == 0 ? Steps(p, ModelOf(p, inside, $"{site.Name}/model", !site.Options.Joins), site.Steps)
            : site.Workers.Select(w => Steps(p, ModelOf(p, inside, $"{site.Name}/model/{w.Site}", !site.Options.Joins), w, $" of {w.Site}"))
                .Aggregate(static (a, b) => a.Merge(b));
        var others = site.All.Where(o => o != site.Name)
            .Select(o => p.Subscribe(air, $"updates/{o}", LearningCodecs.Deltas).Named($"from {o}"))
            .Aggregate(static (a, b) => a.Merge(b));
        var aside = signalsApart ? World.LocalTransport("signals") : air;
        var heard = p.Subscribe(aside, "signals/all", SiteSignal.Codec).Named("to all")
            .Merge(p.Subscribe(aside, $"signals/{site.Name}", SiteSignal.Codec).Named("to this one"));
        p.SaveWith(SiteSignal.Codec);
        if (site.Lost > 0) { (others, heard) = (Losing("updates", others, site.Lost), Losing("signals", heard, site.Lost)); }
        var (made, updates, signals) = own.ReplicateWithSignals(model, others, heard, site.Options);
        if (site.Options.Workers == 1) { made.Publish(inside, $"{site.Name}/model", LearningCodecs.Weights); }
        else { made.PublishTo(inside, new($"{site.Name}/model/{{to}}"), LearningCodecs.Weights, static v => v.Recipient ?? "all"); }
        updates.Publish(air, $"updates/{site.Name}", LearningCodecs.Deltas);
        signals.PublishTo(aside, new("signals/{to}"), SiteSignal.Codec, static s => s.Recipient ?? "all");
        made.ForEach("watch", v => Versions.Add((site.Name, World.Elapsed, v)));
        others.ForEach("heard updates", u => Updates.Add((site.Name, World.Elapsed, u)));
        heard.ForEach("heard signals", s => Signals.Add((site.Name, World.Elapsed, s)));
        updates.ForEach("told", u =>
        {
            for (var i = 0; i < Told.Length; i++) { Told[i] += u.Values[i]; }
        });
    });
    private Flow<Weights> ModelOf(PipelineBuilder p, ITransport inside, string topic, bool begins)
    {
        var versions = p.Subscribe(inside, topic, LearningCodecs.Weights);
        return !begins ? versions : versions.Merge(p.From($"first of {topic}", model.Initial,
            static (Weights first, OperatorContext context) => new FirstVersion(first, context)));
    }

    private static Flow<WeightDelta> Steps(PipelineBuilder p, Flow<Weights> versions, SiteSteps made, string of = "") =>
        versions.Via($"steps{of}", made, static (SiteSteps steps, OperatorContext context, IOutput<WeightDelta> output) =>
            new SteppingSite(steps, context, output));
}
