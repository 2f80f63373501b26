namespace StreamLearn.Nodes.Tests;

/// <summary>Language models as tiers: a small one that knows a little, and a large one that knows the answers.</summary>
public sealed class LanguageModelTests
{
    private static readonly string[] Texts =
        ["the pump is warm", "the pump is warm", "the pump is cold", "the fan is loud", "status of the pump is warm"];

    private static readonly NGramModel Small = new(Texts);

    /// <summary>Two words, a and b, and the end: a bigram by hand. Without history c = (a 2, b 1, end 2), 3 different of 5; after a:
    /// b 1, end 1.</summary>
    [Fact]
    public void Smoothed_probabilities_are_those_by_hand()
    {
        NGramModel model = new(["a b", "a"], order: 2);
        const double Any = 1.0 / 4;                     // a, b, the end, the unknown word
        double One(int count) => (count + (3 * Any)) / (5 + 3);
        Assert.Equal(One(1), model.Probability("x", "b"), 1e-12);
        Assert.Equal((1 + (2 * One(1))) / (2 + 2), model.Probability("a", "b"), 1e-12);
        Assert.Equal((0 + (2 * One(0))) / (2 + 2), model.Probability("a", "never"), 1e-12);
        var (log, tokens) = model.LogProbability("a", "b");
        Assert.Equal((Math.Log(model.Probability("a", "b")) + Math.Log(model.Probability("b", "</s>")), 2), (log, tokens));
    }

    [Theory, InlineData(""), InlineData("the"), InlineData("the pump is"), InlineData("never heard")]
    public void After_any_words_the_probabilities_of_all_words_add_up_to_1(string before)
    {
        var words = Texts.SelectMany(t => t.Split(' ')).Append("</s>").Append("<unk>").Distinct().ToList();
        Assert.Equal(Small.Words, words.Count);
        Assert.Equal(1, words.Sum(w => Small.Probability(before, w)), 1e-12);
    }

    [Fact]
    public void A_tier_is_as_sure_as_its_model_is_of_a_token_on_average()
    {
        Assert.Equal("is warm", Small.Generate("the pump", 8, random: null));
        Assert.Equal("is", Small.Generate("the pump", 1, random: null));
        var random = new RandomStream(3, "words");
        var warm = Enumerable.Range(0, 4000).Count(_ => Small.Generate("the pump is", 1, random) == "warm");
        Assert.Equal(Small.Probability("the pump is", "warm"), warm / 4000.0, 0.02);       // three times its deviation
    }

    [Fact]
    public void It_is_surer_of_what_it_has_read_by_both_measures()
    {
        foreach (var samples in (int[])[0, 3])
        {
            var tier = new LanguageTier(Small) { Samples = samples, MaxTokens = 2 };
            var random = new RandomStream(1, "draws");
            double Mean(string text) => Enumerable.Range(0, 200).Average(i =>
                tier.Answer(new() { Key = i, Text = text }, random, new()).Confidence);
            Assert.True(Mean("status of the pump") > Mean("engine") + 0.1, $"{samples}: {Mean("status of the pump")} {Mean("engine")}");
        }
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
        public string Name => "large";
        public string Generate(string prompt, int maxTokens, RandomStream? random) => texts[_next++ % texts.Length];
        public (double LogProbability, int Tokens) LogProbability(string prompt, string continuation) => (Math.Log(0.9), 1);
    }
}
