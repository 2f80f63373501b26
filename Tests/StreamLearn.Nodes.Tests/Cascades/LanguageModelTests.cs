using StreamLearn.Testing;

namespace StreamLearn.Nodes.Tests;

/// <summary>Language models as tiers: a small one that knows a little, and a large one that knows the answers.</summary>
public sealed class LanguageModelTests
{
    private static readonly Scripted Small = new(["is warm"]) { Log = text => Math.Log(text.Contains("pump") ? 0.9 : 0.2) };

    [Fact]
    public void A_tier_is_as_sure_as_its_model_is_of_a_token_on_average()
    {
        double Of(double log, int tokens) => new LanguageTier(new Scripted(["warm"]) { Log = _ => log, Tokens = tokens })
            .Answer(new() { Key = 1, Text = "it is" }, new(1, "x"), new()).Confidence;

        Assert.Equal(0.5, Of(2 * Math.Log(0.5), tokens: 2), 1e-6);
        Assert.Equal(0, Of(0, tokens: 0));
        Assert.Equal(1, Of(0.1, tokens: 1));
    }

    /// <summary>Of three drawn answers two agree.</summary>
    [Fact]
    public void Agreement_is_the_share_of_draws_that_give_the_most_frequent_answer()
    {
        var tier = new LanguageTier(new Scripted(["left", "right", "right"])) { Samples = 3 };
        var answer = tier.Answer(new() { Key = 1, Text = "where" }, new(1, "x"), new());

        Assert.Equal(("right", 2 / 3f), (answer.Text, answer.Confidence));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LanguageTier(Small) { Samples = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LanguageTier(Small) { MaxTokens = 0 });
    }

    [Fact]
    public void The_small_model_answers_what_it_knows_and_asks_the_large_one_for_the_rest_once()
    {
        var large = new LanguageTier(new Scripted(["it turns the shaft"]));
        using var probe = OperatorProbe.From<CascadeQuestion>((p, questions) => OperatorProbe.Use(questions.Cascade(
            new LanguageTier(Small) { MaxTokens = 4 }, p.Input<CascadeAnswer>("higher"), new() { Threshold = 0.4, CacheCapacity = 4 })));
        foreach (var (key, text) in new[] { (1, "status of the pump"), (2, "what does the engine do"), (3, "what does the engine do") })
        {
            probe.Send(new CascadeQuestion { Key = key, Source = "d", Text = text });
            if (probe.Count(1) == 0) { continue; }
            var asked = probe.Take<CascadeQuestion>(1);
            var (known, said, confidence) = large.Answer(asked, new(1, "x"), new());
            probe.Control(new CascadeAnswer
            {
                Key = asked.Key,
                Source = asked.Source,
                Class = known,
                Text = said,
                Confidence = confidence,
                Tier = 1,
            });
        }

        Assert.Equal(
            [("is warm", 0, CascadeOutcome.Sure), ("it turns the shaft", 1, CascadeOutcome.Better),
                ("it turns the shaft", 1, CascadeOutcome.Cached)],
            probe.TakeAll<CascadeAnswer>().Select(a => (a.Text, a.Tier, a.Outcome)));
    }

    /// <summary>Answers in turn what it is given.</summary>
    private sealed class Scripted(string[] texts) : ILanguageModel
    {
        private int _next;

        internal Func<string, double> Log { get; init; } = static _ => Math.Log(0.9);

        internal int Tokens { get; init; } = 1;

        public string Name => "scripted";

        public string Generate(string prompt, int maxTokens, RandomStream? random) => texts[_next++ % texts.Length];

        public (double LogProbability, int Tokens) LogProbability(string prompt, string continuation) => (Log(prompt), Tokens);
    }
}
