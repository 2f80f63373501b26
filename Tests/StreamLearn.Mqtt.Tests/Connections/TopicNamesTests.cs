namespace StreamLearn.Mqtt.Tests;

public sealed class TopicNamesTests
{
    [Fact]
    public void Each_topic_has_its_own_name_whatever_stands_in_its_place()
    {
        var names = new TopicNames(static bytes => new(Encoding.UTF8.GetString(bytes)));
        for (var round = 0; round < 2; round++)
        {
            for (var i = 10_000; i < 20_000; i++)
            {
                var topic = i.ToString(CultureInfo.InvariantCulture);
                Assert.Equal(topic, names.Of(Encoding.UTF8.GetBytes(topic)).Value);
            }
        }
        Assert.Same(names.Of("a/b"u8).Value, names.Of("a/b"u8).Value);
    }
}
