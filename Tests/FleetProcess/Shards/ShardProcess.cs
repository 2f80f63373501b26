using StreamLearn.Nats;

namespace FleetProcess;

/// <summary>The source or a stage of a model that generates over a server. A stage is made to be killed; the source writes its tokens.
/// </summary>
internal static class ShardProcess
{
    /// <summary>Arguments: role, server, name, and when a stage dies.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        var (role, server, name) = (args[0], new Uri(args[1]), args[2]);
        await using var nats = new NatsTransport(new() { Servers = [server], InitialReconnectDelay = TimeSpan.FromMilliseconds(50) });
        await using var link = new StagedTransport(nats, Moment.Of(args.ElementAtOrDefault(3)), waits: null, new());
        if (role == "shard-stage")
        {
            await using var stage = Stage(name, link).Start();
            Console.WriteLine("started");
            await stage.Completion;
            return 0;
        }

        await using var run = Source(name, link).Start();
        Console.WriteLine("started");
        Console.ReadLine();
        foreach (var prompt in ShardTopics.Prompts) { await run.SendAsync("prompts", prompt); }
        run.Complete("prompts");
        await run.DrainAsync();
        Console.WriteLine("ended");
        return 0;
    }

    private static Pipeline Source(string name, ITransport link) => Pipeline.Define(name, p =>
    {
        var (tokens, shards, plans) = p.Input<Prompt>("prompts").Generate(ShardTopics.Model, name,
            p.Subscribe(link, ShardTopics.TokensOf(name), NodesCodecs.ShardTokens),
            p.Subscribe(link, ShardTopics.ReadyOf(name), NodesCodecs.StagesReady), new()
            {
                Stages = ShardTopics.Stages,
                MaxSequences = 2,
                TokenTimeout = TimeSpan.FromSeconds(1),
                ReadyTimeout = TimeSpan.FromSeconds(3),
            });
        tokens.ForEach("tokens", static t => Console.WriteLine($"token {t.Sequence} {t.Index} {t.Token}"));
        shards.PublishTo(link, ShardTopics.Activations, NodesCodecs.ShardActivations, static a => a.To);
        plans.ForEach("plans", Console.WriteLine);
        plans.Publish(link, ShardTopics.Plans, NodesCodecs.GenerationPlans);
    });

    private static Pipeline Stage(string name, ITransport link) => Pipeline.Define(name, p =>
    {
        var (shards, tokens, ready) = p.Subscribe(link, ShardTopics.ActivationsOf(name), NodesCodecs.ShardActivations)
            .RunShard(ShardTopics.Model, name, p.Subscribe(link, ShardTopics.Plans, NodesCodecs.GenerationPlans));
        shards.PublishTo(link, ShardTopics.Activations, NodesCodecs.ShardActivations, static a => a.To);
        tokens.PublishTo(link, ShardTopics.Tokens, NodesCodecs.ShardTokens, static t => t.Source);
        ready.PublishTo(link, ShardTopics.Ready, NodesCodecs.StagesReady, static r => r.Source);
    });
}
