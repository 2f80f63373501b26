using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Testing;

namespace Architecture.Tests;

/// <summary>The pipelines of docs/guides/generation.md work together.</summary>
public sealed class CascadeGuideTests
{
    [Fact]
    public async Task Three_tiers_answer_the_rows_of_the_page()
    {
        await using InProcessTransport site = new("site"), internet = new("internet");
        var given = new List<CascadeAnswer>();
        await using var cloud = CascadeGuideExamples.Cloud(new Sure(0.9f, 3), internet).Start(cancellationToken: Stop);
        await using var edge = CascadeGuideExamples.Edge(new Sure(0.1f, 4), site, internet).Start(cancellationToken: Stop);
        await using var run = CascadeGuideExamples.Device(new Sure(0.2f, 4), site, given.Add).Start(cancellationToken: Stop);
        await run.SendAsync("rows", Batches.Of(
            run.Pool, CascadeGuideExamples.Columns, new[] { 1L, 2 }, new[] { 1f, 2 }, new[] { 3f, 4 }, new[] { 5f, 6 }), Stop);
        await run.DrainAsync(Stop);

        Assert.Equal([1L, 2], given.Select(a => a.Key));
        Assert.All(given, a => Assert.True(a.Class == 3 || a.Outcome == CascadeOutcome.Deadline, $"{a}"));

        var redacted = CascadeGuideExamples.Recorded;
        using var probe = OperatorProbe.Of<Batch, Batch>(redacted, CascadeGuideExamples.Columns);
        probe.Send(Batches.Of(probe.Pool, CascadeGuideExamples.Columns, new[] { 1L }, new[] { 1f }, new[] { 3f }, new[] { 5f }));
        using var open = probe.Expect<Batch>();
        Assert.Equal((1f, 0f, 0f), (open["vibration"].Values<float>()[0], open["pulse"].Values<float>()[0],
            open["loudness"].Values<float>()[0]));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Says one class, and is as sure of it as it is told to be.</summary>
    private sealed record Sure(float Confidence, int Class) : ICascadeTier
    {
        public string Name => "sure";

        public TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory)
        {
            Assert.True(Class == 4 || question.Values[1] == 0, "the cloud sees no pulse");
            return new(Class, "", Confidence);
        }
    }
}
