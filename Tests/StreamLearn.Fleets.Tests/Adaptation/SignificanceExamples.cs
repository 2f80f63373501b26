namespace StreamLearn.Fleets.Tests;

/// <summary>The code of the pages.</summary>
public sealed class SignificanceExamples
{
    [Fact]
    public void A_device_sends_significant_changes_only()
    {
        var model = new SoftmaxRegression(1, 2);
        var pipeline = Pipeline.Define("device", p =>
        {
            var (updates, models, receipts) = (p.Input<WeightDelta>("u"), p.Input<Weights>("m"), p.Input<Receipt>("r"));
            var link = new InProcessTransport();
            var kept = updates.KeepSignificant(model, models, receipts);
            kept.Publish(link, "sl/line-2/pump-1/up/delta", LearningCodecs.Deltas);
        });

        Assert.Contains("keep-significant", pipeline.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sites_learn_one_model_without_an_aggregator()
    {
        var model = new SoftmaxRegression(1, 2);
        var pipeline = Pipeline.Define("north", p =>
        {
            var rows = p.Input<Batch>("rows", new Schema(Field.Channel("x", Unit.One), Field.Label()));
            var (inside, link) = (new InProcessTransport(), new InProcessTransport());
            var (own, scores) = rows.Train(model, p.Subscribe(inside, "model", LearningCodecs.Weights),
                new() { StepsPerUpdate = 1, Pace = TrainPace.LockStep });
            var (versions, updates) = own.Replicate(model, p.Subscribe(link, "sites/south", LearningCodecs.Deltas), new() { Others = 1 });
            versions.Publish(inside, "model", LearningCodecs.Weights);
            updates.Publish(link, "sites/north", LearningCodecs.Deltas);
            scores.Discard();
        });

        Assert.Contains("replicate", pipeline.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_site_has_several_workers()
    {
        var model = new SoftmaxRegression(1, 2);
        var (inside, link) = (new InProcessTransport(), new InProcessTransport());
        var site = Pipeline.Define("north", p =>
        {
            var own = p.Subscribe(inside, "north/updates", LearningCodecs.Deltas);
            var (versions, updates) = own.Replicate(model, p.Subscribe(link, "sites/south", LearningCodecs.Deltas),
                new() { Others = 1, Workers = 3, Slack = 2 });
            versions.PublishTo(inside, new("north/model/{to}"), LearningCodecs.Weights, v => v.Recipient ?? "all");
            updates.Publish(link, "sites/north", LearningCodecs.Deltas);
        });
        var worker = Pipeline.Define("north-1", p =>
        {
            var rows = p.Input<Batch>("rows", new Schema(Field.Channel("x", Unit.One), Field.Label()));
            var (own, scores) = rows.Train(model, p.Subscribe(inside, "north/model/north-1", LearningCodecs.Weights),
                new() { StepsPerUpdate = 1, Pace = TrainPace.LockStep });
            own.Publish(inside, "north/updates", LearningCodecs.Deltas);
            scores.Discard();
        });

        Assert.Contains("north/model/{to}", site.ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("north/updates", worker.ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sites_wait_for_slow_links_and_join()
    {
        var model = new SoftmaxRegression(1, 2);
        var pipeline = Pipeline.Define("north", p =>
        {
            var (own, inside, link) = (p.Input<WeightDelta>("own"), new InProcessTransport(), new InProcessTransport());
            var (versions, updates, signals) = own.ReplicateWithSignals(model, p.Subscribe(link, "sites/south", LearningCodecs.Deltas),
                p.Subscribe(link, "signals/all", SiteSignal.Codec).Merge(
                    p.Subscribe(link, "signals/north", SiteSignal.Codec)),
                new() { Others = 1, Joiners = 2, MaxUnheard = 2 });
            versions.Publish(inside, "model", LearningCodecs.Weights);
            updates.Publish(link, "sites/north", LearningCodecs.Deltas);
            signals.PublishTo(link, new("signals/{to}"), SiteSignal.Codec, s => s.Recipient ?? "all");
        });

        Assert.Contains("signals/{to}", pipeline.ToMermaid(), StringComparison.Ordinal);
    }
}
