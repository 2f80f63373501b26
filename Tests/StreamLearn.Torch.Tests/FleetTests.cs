using StreamLearn.Fleets;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace StreamLearn.Torch.Tests;

/// <summary>Four devices in the virtual world that train one module, and an aggregator that evaluates it.</summary>
public sealed class FleetTests(ITestOutputHelper output)
{
    public static TheoryData<string> Networks => LongForm.IsAsked ? ["lstm", "attention"] : ["lstm"];

    [Theory, MemberData(nameof(Networks))]
    public void A_fleet_of_four_learns_and_comes_to_the_same_values_twice(string name)
    {
        var model = new TorchModel(name, HarRows.Window, HarRows.Classes,
            name == "lstm" ? static () => new LstmNet(6, 16, 6) : static () => new AttentionNet(6, HarRows.Samples, 6, 16),
            new() { Seed = 1, MultiplyAdds = 200_000 });
        var unseen = HarRows.Generated(3, 20, 21);
        var first = Run(model, TimeSpan.FromSeconds(90));
        var second = Run(model, TimeSpan.FromSeconds(30));
        var (before, after) = (HarRows.Accuracy(model, model.Initial, unseen), HarRows.Accuracy(model, first[^1], unseen));
        output.WriteLine(FormattableString.Invariant($"{name}: {before:P1} to {after:P1} after {first.Count} versions, ")
            + first[^1].Sha256());
        Assert.InRange(second.Count, 5, first.Count);
        Assert.Equal(first.Take(second.Count).Select(static w => w.Sha256()), second.Select(static w => w.Sha256()));
        Assert.InRange(first.Count, 20, int.MaxValue);
        Assert.InRange(after, before + 0.2, 1);
        Assert.True(model.Plan.Find(ModelPlan.ScaleInverse)!.Of(first[^1].Values.AsSpan())[0] != 1, "the fleet's moments scale the rows");
    }

    private static List<Weights> Run(TorchModel model, TimeSpan length)
    {
        using var world = new VirtualWorld(new() { Seed = 3 });
        var edge = world.Transport("edge");
        List<Weights> made = [];
        world.Add(Pipeline.Define("aggregator", p =>
        {
            var (versions, rounds) = p.Subscribe(edge, "updates", LearningCodecs.Deltas).Aggregate(model, new FedAvg(4));
            versions.ForEach("note", made.Add);
            versions.Publish(edge, "models", LearningCodecs.Weights, retain: true);
            rounds.Discard();
        }));
        for (var person = 0; person < 4; person++)
        {
            world.Add(Pipeline.Define($"device-{person}", p =>
            {
                var windows = p.FromHarStream(new() { User = person, Seed = 1, SpeedUp = 8 }).Window(HarRows.Samples, HarRows.Samples / 2);
                var models = p.Subscribe(edge, "models", LearningCodecs.Weights);
                var (deltas, evaluations) = windows.Train(model, models, new() { Optimizer = new AdamW(0.003f), Continuous = true });
                deltas.Publish(edge, "updates", LearningCodecs.Deltas);
                evaluations.Discard();
                windows.Evaluate(model, models).Discard();
                windows.Infer(model, models).Discard();
            }), new() { MultiplyAddsPerSecond = 50e6 });
        }

        world.RunFor(length, TestContext.Current.CancellationToken);
        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        return made;
    }
}
