namespace StreamLearn.Models.Tests;

public sealed class ModelVersionTests
{
    private static readonly ModelVersion[] Rising =
        [new(long.MinValue, long.MaxValue), new(-1, 5), default, new(0, 1), new(0, long.MaxValue), new(1, 0), new(1, 7), new(2, 3)];

    [Fact]
    public void Versions_of_a_later_start_come_after_all_of_an_earlier_one()
    {
        for (var a = 0; a < Rising.Length; a++)
        {
            for (var b = 0; b < Rising.Length; b++)
            {
                var (left, right) = (Rising[a], Rising[b]);
                bool[] places = [(a < b), (a > b), (a <= b), (a >= b), (a == b)];
                bool[] versions = [(left < right), (left > right), (left <= right), (left >= right), (left == right)];
                Assert.Equal(places, versions);
                Assert.Equal(a.CompareTo(b), Math.Sign(left.CompareTo(right)));
            }
        }
    }

    [Fact]
    public void A_version_says_its_start_and_its_number() => Assert.Equal("2/9", new ModelVersion(2, 9).ToString());
}
