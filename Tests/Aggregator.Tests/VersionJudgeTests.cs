using StreamLearn.Models;

namespace Aggregator.Tests;

public sealed class VersionJudgeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Who_offers_a_version_does_not_wait_and_the_newest_is_judged_next()
    {
        var model = HarNetwork.Create(42);
        using var entered = new SemaphoreSlim(0);
        using var released = new SemaphoreSlim(0);
        List<VersionScore> scores = [];
        var judge = new VersionJudge(model, await ShownFleet.UnseenAsync(), score =>
        {
            scores.Add(score);
            entered.Release();
            released.Wait();
        });
        Weights Version(long number) => model.Initial with { Version = number };

        judge.Start();
        judge.Offer(Version(1));
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        await Task.Run(() =>
        {
            judge.Offer(Version(2));        // it is still busy with the first
            judge.Offer(Version(3));
        }, TestContext.Current.CancellationToken).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        released.Release(2);
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        await judge.DisposeAsync();
        judge.JudgeNewest();

        Assert.Equal([1, 3], scores.Select(static s => s.Version));
        Assert.All(scores, static s => Assert.InRange(s.Loss, 0.1, 10));
    }
}
