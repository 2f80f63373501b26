namespace StreamLearn.Fleets.Tests;

/// <summary>Random fleets with receipts: slow and fast, over bad links, with devices and aggregators that crash and come back.</summary>
public sealed class CreditFleetTests
{
    private static readonly int Fleets = LongForm.IsAsked ? 500 : 150;
    public static TheoryData<int> Tens => [.. Enumerable.Range(0, Fleets / 10)];

    [Theory, MemberData(nameof(Tens))]
    public void Fleets_never_stand_still_keep_their_bounds_and_account_for_every_update(int ten)
    {
        for (var seed = 10 * ten; seed < (10 * ten) + 10; seed++)
        {
            using var first = new CreditFleet(seed);
            using var second = new CreditFleet(seed);
            first.Run(TestContext.Current.CancellationToken);
            second.Run(TestContext.Current.CancellationToken);
            Assert.Equal(first.Last.Sha256(), second.Last.Sha256());
            Assert.Equal(first.Last.Id, second.Last.Id);
        }
    }
}
