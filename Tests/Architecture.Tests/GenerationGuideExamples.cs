using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/generation.md.</summary>
internal static class GenerationGuideExamples
{
    internal static TransformerToy Model { get; } = new(blocks: 8, width: 64, heads: 4, context: 128, vocabulary: 256, seed: 1);

    internal static Pipeline Source(ITransport air) => Pipeline.Define("desk", p =>
    {
        var prompts = p.Input<Prompt>("prompts");
        var tokens = p.Subscribe(air, "down/desk/token", NodesCodecs.ShardTokens);
        var ready = p.Subscribe(air, "down/desk/ready", NodesCodecs.StagesReady);
        var (generated, shards, plans) = prompts.Generate(Model, "desk", tokens, ready, new()
        {
            Stages = ["shelf", "cellar"],                           // desk 0 to 2, shelf 2 to 5, cellar 5 to 8
            SourceBlocks = 2,
            MaxSequences = 4,
        });
        generated.Output("tokens");
        shards.PublishTo(air, "down/{node}/shard", NodesCodecs.ShardActivations, shard => shard.To);
        plans.Publish(air, "plans", NodesCodecs.GenerationPlans);
    });

    internal static Pipeline Stage(string node, ITransport air) => Pipeline.Define(node, p =>
    {
        var plans = p.Subscribe(air, "plans", NodesCodecs.GenerationPlans);
        var (shards, tokens, ready) = p.Subscribe(air, $"down/{node}/shard", NodesCodecs.ShardActivations).RunShard(Model, node, plans);
        shards.PublishTo(air, "down/{node}/shard", NodesCodecs.ShardActivations, shard => shard.To);
        tokens.PublishTo(air, "down/{node}/token", NodesCodecs.ShardTokens, token => token.Source);
        ready.PublishTo(air, "down/{node}/ready", NodesCodecs.StagesReady, answer => answer.Source);
    });

    internal static int[] OnOneMachine(TransformerToy model, int[] prompt, int count)
    {
        var cache = new KeyValueCache(model, first: 0, end: model.Blocks);
        var memory = new Workspace();
        var values = new float[prompt.Length * model.Width];
        var tokens = new int[count];
        model.Embed(prompt, position: 0, values);
        model.Forward(values, position: 0, cache, memory);          // the whole prompt at once, or token by token: the same bits
        for (var i = 0; i < count; i++)
        {
            tokens[i] = model.NextToken(values.AsSpan()[^model.Width..], memory);
            values = values[..model.Width];
            model.Embed([tokens[i]], cache.Length, values);
            model.Forward(values, cache.Length, cache, memory);
        }

        return tokens;
    }
}
