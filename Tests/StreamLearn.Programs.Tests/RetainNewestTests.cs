using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace StreamLearn.Programs.Tests;

/// <summary>The version that a server is to retain, after a restart from a checkpoint in which its publication waits.</summary>
public sealed class RetainNewestTests
{
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    [Theory]
    [InlineData(7L, 7)]         // a newer one than that of the checkpoint stays
    [InlineData(3L, 5)]
    [InlineData(null, 5)]       // after the wait
    public void Goes_out_again_only_if_the_server_keeps_no_newer_one(long? kept, long expected)
    {
        using var world = new VirtualWorld();
        var (first, server, seen) = (world.Transport("first"), world.Transport("server"), new List<long>());
        var edge = world.Add(Edge(first), null, null, new DeviceCheckpoints());
        world.Add(Publishing("maker", first, "made", 5, retain: false));
        world.RunFor(TimeSpan.FromSeconds(1));
        edge.SaveState();
        edge.Crash();
        if (kept is { } version) { world.Add(Publishing("before", server, "newest", version, retain: true)); }
        world.RunFor(TimeSpan.FromSeconds(1));

        world.Add(Edge(server), null, null, new DeviceCheckpoints(),
            edge.LastCheckpoint!.Without("subscribe newest", "take", "publish newest"));
        world.RunFor(TimeSpan.FromSeconds(10));
        world.Add(Pipeline.Define("late", p =>
            p.Subscribe(server, "newest", LearningCodecs.Weights).ForEach("see", w => seen.Add(w.Version))));
        world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal([expected], seen);
    }

    private static Pipeline Edge(ITransport server) => Pipeline.Define("edge", p => RetainNewest.Of(
            p.Subscribe(server, "made", LearningCodecs.Weights), p.Subscribe(server, "newest", LearningCodecs.Weights).Take(),
            EdgeLink.Over(server), p, new() { Restore = TimeSpan.FromSeconds(2) })
        .Publish(server, "newest", LearningCodecs.Weights, retain: true));

    private static Pipeline Publishing(string name, ITransport server, Topic topic, long version, bool retain) =>
        Pipeline.Define(name, p => p.From("version", version, static (long v, OperatorContext c) => new One(v, c))
            .Publish(server, topic, LearningCodecs.Weights, new PublicationOptions { Retain = retain, WithCheckpoint = false }));

    private sealed class One(long version, OperatorContext context) : Source<Weights>
    {
        private DateTimeOffset? _at = context.Now;

        public override DateTimeOffset? NextAt => _at;

        public override Weights Next()
        {
            _at = null;
            return Model.Initial with { Version = version };
        }
    }
}
