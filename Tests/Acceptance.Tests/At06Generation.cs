using FleetProcess;

namespace Acceptance.Tests;

/// <summary>Section 6.3, its execution: a model that generates on several nodes.</summary>
public sealed class At06Generation(ITestOutputHelper output)
{
    private const int Stages = 4;           // the source among them
    private const int Tokens = 60;

    /// <summary>Four nodes of two blocks each, over links that take no time: a token takes as long on each.</summary>
    private static readonly TransformerToy Model = new(blocks: 2 * Stages, width: 32, heads: 2, context: 64, vocabulary: 16, seed: 1);

    private static readonly Dictionary<long, List<int>> Known = [];

    [Fact]
    public async Task Three_processes_of_which_the_middle_one_is_killed_generate_the_tokens_of_one()
    {
        await using var server = await RealNats.StartAsync();
        await using var a = Start("shard-stage", "a");
        await using var b = Start("shard-stage", "b", $"got:{ShardTopics.ActivationsOf("b")}:31");
        await using var source = Start("shard-source", ShardTopics.Source);
        foreach (var process in new[] { a, b, source }) { await process.WaitForAsync("started", TestContext.Current.CancellationToken); }

        source.Tell("go");
        await source.WaitForAsync("ended", TestContext.Current.CancellationToken);

        Assert.Equal(137, await b.EndAsync());
        var lines = source.Log.Split('\n');
        var tokens = lines.Where(static l => l.StartsWith("token ", StringComparison.Ordinal)).Select(static l => l.Split(' ')[1..]
            .Select(static n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray()).ToLookup(static t => t[0], static t => t[1..]);
        foreach (var prompt in ShardTopics.Prompts)
        {
            var whole = Continued(ShardTopics.Model, prompt).Index().Select(static t => new[] { t.Index, t.Item });
            Assert.Equal(whole, tokens[(int)prompt.Sequence]);
        }

        Assert.Contains(lines, static l => l.EndsWith(": source 0 to 1, a 1 to 4, b 4 to 6", StringComparison.Ordinal));
        Assert.EndsWith(": source 0 to 1, a 1 to 6", lines.Last(static l => l.StartsWith("plan ", StringComparison.Ordinal)));

        ServerProcess Start(string role, string name, params string[] more) =>
            new("dotnet", [Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), role, $"{server.Uri}", name, .. more]);
    }

    /// <summary>By hand: with n sequences on s nodes the next token of all takes max(s, n) steps, and n + s − 1 with bubbles. The scores
    /// make the steps of the last node a fiftieth longer.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void AT_6f_Sequences_that_go_on_at_once_give_more_tokens_a_second_than_those_that_wait_for_the_group(int sequences)
    {
        var (bubbles, none, alone) = (Seconds(sequences, asGroup: true), Seconds(sequences, asGroup: false), Seconds(1, asGroup: false));
        double Rate(double seconds, int count) => count * Tokens / seconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sequences} sequences on {Stages} nodes: ")
            + string.Create(CultureInfo.InvariantCulture, $"{Rate(none, sequences):0} tokens a second, with bubbles ")
            + string.Create(CultureInfo.InvariantCulture, $"{Rate(bubbles, sequences):0}, one after the other {Rate(alone, 1):0}"));

        var expected = Tokens * (sequences + Stages - 1.0) / Steps(sequences);
        Assert.True(Rate(none, sequences) > Rate(bubbles, sequences));
        Assert.Equal(expected, bubbles / none, 0.03 * expected);
        Assert.Equal(Steps(sequences) / (double)Steps(1), none / alone, 0.03 * none / alone);
    }

    /// <summary>Until the first token of the first sequence, then of the others, then the further ones.</summary>
    private static int Steps(int sequences) => Stages + sequences - 1 + ((Tokens - 1) * Math.Max(sequences, Stages));

    private static double Seconds(int sequences, bool asGroup)
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        var device = new DeviceProfile { MultiplyAddsPerSecond = 1e6 };
        string[] names = [.. Enumerable.Range(1, Stages - 1).Select(static s => $"stage-{s}")];
        var (got, last) = (new List<GeneratedToken>(), TimeSpan.Zero);
        Prompt[] prompts =
            [.. Enumerable.Range(1, sequences).Select(static s => new Prompt { Sequence = s, Tokens = [s], MaxTokens = Tokens })];
        world.Add(Pipeline.Define("source", p =>
        {
            var (tokens, shards, plans) = p.From("prompts", new PromptsOptions(sequences), (_, context) => new Prompts(prompts, context))
                .Generate(Model, "source", p.Subscribe(air, "token", NodesCodecs.ShardTokens),
                    p.Subscribe(air, "ready", NodesCodecs.StagesReady), new()
                    {
                        Stages = [.. names],
                        SourceBlocks = 2,
                        MaxSequences = sequences,
                        WaitsForGroup = asGroup,
                        TokenTimeout = TimeSpan.FromMinutes(1),
                    });
            tokens.ForEach("tokens", token =>
            {
                got.Add(token);
                last = world.Elapsed;
            });
            shards.PublishTo(air, new("to/{node}"), NodesCodecs.ShardActivations, static a => a.To);
            plans.Publish(air, "plan", NodesCodecs.GenerationPlans);
        }), device);
        world.RunFor(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);      // all prompts are there
        foreach (var name in names)
        {
            world.Add(Pipeline.Define(name, p =>
            {
                var (shards, tokens, ready) = p.Subscribe(air, $"to/{name}", NodesCodecs.ShardActivations)
                    .RunShard(Model, name, p.Subscribe(air, "plan", NodesCodecs.GenerationPlans));
                shards.PublishTo(air, new("to/{node}"), NodesCodecs.ShardActivations, static a => a.To);
                tokens.Publish(air, "token", NodesCodecs.ShardTokens);
                ready.Publish(air, "ready", NodesCodecs.StagesReady);
            }), device);
        }

        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        foreach (var prompt in prompts)
        {
            if (!Known.TryGetValue(prompt.Sequence, out var tokens)) { Known.Add(prompt.Sequence, tokens = Continued(Model, prompt)); }
            Assert.Equal(tokens, got.Where(t => t.Sequence == prompt.Sequence).Select(static t => t.Token));
        }

        return last.TotalSeconds - 0.25;       // as the plan comes to the stages
    }

    private static List<int> Continued(TransformerToy model, Prompt prompt)
    {
        List<int> tokens = [.. prompt.Tokens];
        var (memory, cache) = (new Workspace(), new KeyValueCache(model, 0, model.Blocks));
        while (tokens.Count < prompt.Tokens.Length + prompt.MaxTokens)
        {
            var values = new float[tokens.Count * model.Width];
            model.Embed([.. tokens], 0, values);
            model.Forward(values, 0, cache, memory);
            tokens.Add(model.NextToken(values.AsSpan()[^model.Width..], memory));
        }

        return tokens[prompt.Tokens.Length..];
    }

    private sealed record PromptsOptions(int Count);

    private sealed class Prompts(Prompt[] prompts, OperatorContext context) : Source<Prompt>
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _next;

        public override DateTimeOffset? NextAt => _next < prompts.Length ? _start : null;

        public override Prompt Next() => prompts[_next++];
    }
}
