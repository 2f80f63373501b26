using StreamLearn.Nodes;

namespace Contract.Tests;

/// <summary>A cascade whose next tier answers some of the questions, some of them too late.</summary>
internal static class CascadeCase
{
    private static readonly CascadeOptions Options = new()
    {
        Threshold = 0.6,
        TargetShare = 0.4,
        Deadline = TimeSpan.FromMilliseconds(50),
        Budget = (PerMinute: 6000, Burst: 20),
        MaxWaiting = 48,
        RetryAfter = TimeSpan.FromMilliseconds(30),
        CacheCapacity = 8,
        MinSimilarity = 0.999,
    };

    internal static void Wire(PipelineBuilder p, Script s)
    {
        var answers = Enumerable.Range(0, 24).Select(static i => (Func<BatchPool, CascadeAnswer>)(_ => new()
        {
            Key = ((i / 3 * 1000L) + (2 * i)) * 20_000_000,
            Source = "contract",
            Class = i % 3,
            Confidence = 0.3f + (i % 7 / 10f),
            Tier = 1,
        }));
        var (main, asked, lessons) = s.SensorRows(p).ToQuestions().Cascade(new FirstValueTier(), s.Source(p, "answers", answers), Options);
        s.Collect(main, "out");
        s.Collect(asked, "asked");
        s.Collect(lessons, "lessons");
    }

    internal static void Wrong(Flow<Batch> flow, CascadeOptions options)
    {
        var questions = flow.ToQuestions();
        questions.Cascade(new FirstValueTier(), questions.ServeTier(new FirstValueTier()), options);
    }
}

/// <summary>As sure as the first value says.</summary>
internal sealed record FirstValueTier : ICascadeTier
{
    public string Name => "first value";

    public TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory) =>
        new(question.Values[0] > 0 ? 1 : 0, "", Math.Clamp(Math.Abs(question.Values[0]), 0, 1));
}
