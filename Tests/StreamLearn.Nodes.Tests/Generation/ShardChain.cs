namespace StreamLearn.Nodes.Tests;

/// <summary>A source and stages, joined by links that the test may cut; messages pass as bytes.</summary>
internal sealed class ShardChain : IDisposable
{
    internal const string Name = "source";
    internal static readonly TransformerToy Model = new(blocks: 5, width: 16, heads: 2, context: 24, vocabulary: 29, seed: 3);
    private readonly Dictionary<string, OperatorProbe> _stages = [];

    internal ShardChain(GenerateOptions options, int held = 8)
    {
        Source = OperatorProbe.From<Prompt>((p, prompts) => OperatorProbe.Use(prompts.Generate(Model, Name,
            p.Input<ShardToken>("tokens"), p.Input<StageReady>("ready"), options, p.Input<GenerationPlan>("plans"))));
        foreach (var name in options.Stages)
        {
            _stages.Add(name, OperatorProbe.From<ShardActivation>((p, tokens) => OperatorProbe.Use(
                tokens.RunShard(Model, name, p.Input<GenerationPlan>("plans"), maxSequences: held))));
        }
    }

    internal OperatorProbe Source { get; }
    internal OperatorProbe this[string stage] => _stages[stage];

    /// <summary>Tells which messages are lost.</summary>
    internal Func<object, bool> Loses { get; set; } = static _ => false;

    /// <summary>How often each message comes.</summary>
    internal int Copies { get; set; } = 1;
    internal HashSet<string> Dead { get; } = [];

    /// <summary>Every message that was sent.</summary>
    internal List<object> Sent { get; } = [];

    /// <summary>Every token that came out.</summary>
    internal List<GeneratedToken> Tokens { get; } = [];
    internal GenerationPlan Plan => Sent.OfType<GenerationPlan>().Last();

    public void Dispose()
    {
        Source.Dispose();
        foreach (var stage in _stages.Values) { stage.Dispose(); }
    }

    /// <summary>What one machine generates.</summary>
    internal static int[] Alone(Prompt prompt)
    {
        var (cache, memory) = (new KeyValueCache(Model, 0, Model.Blocks), new Workspace());
        List<int> tokens = [.. prompt.Tokens];
        for (var i = 0; i < prompt.MaxTokens && tokens.Count <= Model.Context; i++)
        {
            var values = new float[(tokens.Count - cache.Length) * Model.Width];
            Model.Embed([.. tokens[cache.Length..]], cache.Length, values);
            Model.Forward(values, cache.Length, cache, memory);
            tokens.Add(Model.NextToken(values.AsSpan()[^Model.Width..], memory));
        }
        return [.. tokens[prompt.Tokens.Length..]];
    }

    internal static Prompt Prompt(int sequence, int length = 3, int most = 12) => new()
    {
        Sequence = sequence,
        Tokens = [.. Enumerable.Range(0, length).Select(i => ((7 * sequence) + (3 * i) + 1) % Model.Vocabulary)],
        MaxTokens = most,
    };

    /// <summary>Passes messages on until none is under way; up to some of them if that is said.</summary>
    internal void Exchange(int most = int.MaxValue)
    {
        for (var before = -1; before != Sent.Count && Sent.Count < most;)
        {
            before = Sent.Count;
            while (Source.WakeUp()) { }
            Tokens.AddRange(Source.TakeAll<GeneratedToken>());
            foreach (var plan in Source.TakeAll<GenerationPlan>(port: 2))
            {
                foreach (var stage in _stages) { Pass(plan, NodesCodecs.GenerationPlans, stage.Key, stage.Value.Control); }
            }

            foreach (var tokens in Source.TakeAll<ShardActivation>(port: 1)) { Pass(tokens); }
            foreach (var (name, stage) in _stages)
            {
                foreach (var tokens in stage.TakeAll<ShardActivation>()) { Pass(tokens); }
                foreach (var token in stage.TakeAll<ShardToken>(port: 1)) { Pass(token, NodesCodecs.ShardTokens, Name, Source.Control); }
                foreach (var ready in stage.TakeAll<StageReady>(port: 2)) { Pass(ready, NodesCodecs.StagesReady, Name, Source.Control); }
            }
        }

        Tokens.AddRange(Source.TakeAll<GeneratedToken>());
    }

    /// <summary>Lets time pass on the source, a second at a time, and passes messages on.</summary>
    internal void Wait(int seconds)
    {
        for (var s = 0; s < seconds; s++)
        {
            Source.Advance(TimeSpan.FromSeconds(1));
            Exchange();
        }
    }

    /// <summary>Sees that each prompt was continued as one machine does it, each token once and in order.</summary>
    internal void Expect(params Prompt[] prompts)
    {
        foreach (var prompt in prompts)
        {
            var got = Tokens.Where(t => t.Sequence == prompt.Sequence).ToList();
            Assert.Equal(Alone(prompt), got.Select(static t => t.Token));
            Assert.Equal(Enumerable.Range(0, got.Count), got.Select(static t => t.Index));
            Assert.Equal([got[^1]], got.Where(static t => t.IsLast));
        }
        Assert.Equal(prompts.Length, Tokens.Count(static t => t.IsLast));
        Assert.False(Source.AwaitingReplies);
    }

    internal void Pass(ShardActivation tokens) => Pass(tokens, NodesCodecs.ShardActivations, tokens.To, _stages[tokens.To].Send);

    private void Pass<T>(T message, ICodec<T> codec, string to, Action<object> send) where T : class
    {
        Sent.Add(message);
        if (Dead.Contains(to) || Loses(message)) { return; }
        for (var copy = 0; copy < Copies; copy++) { send(Same(codec, message)!); }
    }
}
