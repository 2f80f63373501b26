namespace FleetProcess;

/// <summary>What the processes that generate and their test agree on. The test is built with this file, too.</summary>
internal static class ShardTopics
{
    internal const string Source = "source";
    internal const string Plans = "sl/generation/source/down/plan";
    internal static readonly TopicTemplate Activations = new("sl/generation/{node}/down/activation");
    internal static readonly TopicTemplate Tokens = new("sl/generation/{source}/down/token");
    internal static readonly TopicTemplate Ready = new("sl/generation/{source}/down/ready");

    internal static TransformerToy Model { get; } = new(blocks: 6, width: 32, heads: 4, context: 64, vocabulary: 101, seed: 5);

    internal static ImmutableArray<string> Stages { get; } = ["a", "b"];

    internal static IEnumerable<Prompt> Prompts =>
        Enumerable.Range(1, 3).Select(static s => new Prompt { Sequence = s, Tokens = [s, 5, 2 * s], MaxTokens = 40 });

    internal static string ActivationsOf(string node) => $"sl/generation/{node}/down/activation";

    internal static string TokensOf(string source) => $"sl/generation/{source}/down/token";

    internal static string ReadyOf(string source) => $"sl/generation/{source}/down/ready";
}
