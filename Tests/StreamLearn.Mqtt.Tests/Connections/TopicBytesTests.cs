namespace StreamLearn.Mqtt.Tests;

public sealed class TopicBytesTests
{
    [Fact]
    public void Each_topic_has_its_own_bytes_before_and_after_there_are_too_many()
    {
        var topics = new TopicBytes(Encoding.UTF8.GetBytes);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 1000; i < 3000; i++)
            {
                var topic = i.ToString(CultureInfo.InvariantCulture);
                Assert.Equal(topic, Encoding.UTF8.GetString(topics.Of(topic)));
            }
        }
        Assert.Equal("über", Encoding.UTF8.GetString(topics.Of("über")));
        Assert.Same(topics.Of("a"), topics.Of("a"));
    }
}
