namespace Aggregator.Tests;

public sealed class SlowWorkTests
{
    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(1.5, 1)]
    public void Work_is_said_once_it_takes_longer_than_a_second(double seconds, int times)
    {
        var (time, said) = (new ManualTimeProvider(), new List<string>());

        var result = SlowWork.Do("measuring", said.Add, time, () =>
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            return 5;
        });
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((5, times), (result, said.Count));
    }
}
