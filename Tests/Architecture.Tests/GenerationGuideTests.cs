using StreamLearn;
using StreamLearn.Nodes;

namespace Architecture.Tests;

/// <summary>The guide of generation: its code runs.</summary>
public sealed class GenerationGuideTests
{
    [Fact]
    public async Task Three_nodes_generate_the_tokens_of_one_machine()
    {
        await using var air = new InProcessTransport();
        var stop = TestContext.Current.CancellationToken;
        await using var shelf = GenerationGuideExamples.Stage("shelf", air).Start(cancellationToken: stop);
        await using var cellar = GenerationGuideExamples.Stage("cellar", air).Start(cancellationToken: stop);
        await using var desk = GenerationGuideExamples.Source(air).Start(cancellationToken: stop);

        await desk.SendAsync("prompts", new Prompt { Sequence = 1, Tokens = [72, 105], MaxTokens = 10 });
        desk.Complete("prompts");
        var tokens = new List<int>();
        await foreach (var token in desk.ReadAllAsync<GeneratedToken>("tokens")) { tokens.Add(token.Token); }
        await desk.DrainAsync();

        Assert.Equal(GenerationGuideExamples.OnOneMachine(GenerationGuideExamples.Model, [72, 105], 10), tokens);
        Assert.InRange(shelf.Metrics["run-shard"].ItemsIn, 10, long.MaxValue);
    }
}
