namespace StreamLearn.Tests;

public sealed class TopicTests
{
    [Fact]
    public void A_topic_is_measured_in_bytes()
    {
        Assert.Equal(32_767, new Topic(new string('é', 32_767)).Value.Length);
        Assert.Throws<ArgumentException>(() => new Topic(new string('é', 32_768)));
        Assert.Equal(65_535, new Topic(new string('e', 65_535)).Value.Length);
    }

    // Rows with a comment are the examples of MQTT 5.0, section 4.7.
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]           // 4.7.1.2
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player2", false)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/#", "sports", false)]
    [InlineData("sport/#", "sport/", true)]
    [InlineData("#", "sport", true)]
    [InlineData("#", "/", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]                   // 4.7.1.3
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+", "sport", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+/tennis/#", "a/tennis", true)]
    [InlineData("+/tennis/#", "a/b/tennis", false)]
    [InlineData("sport/+/player1", "sport/tennis/player1", true)]
    [InlineData("sport/+/player1", "sport/tennis/x/player1", false)]
    [InlineData("sport/+/#", "sport", false)]
    [InlineData("sport/+/#", "sport/tennis", true)]
    [InlineData("#", "$SYS/monitor", false)]                                       // 4.7.2
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/monitor", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("a", "a", true)]                                                   // 4.7.3
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a//b", "a/b", false)]
    [InlineData("a/+/b", "a//b", true)]
    [InlineData("/a", "a", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a/", "a", false)]
    [InlineData("a b/é", "a b/é", true)]
    public void Filters_take_what_the_standard_says(string filter, string topic, bool takes) =>
        Assert.Equal(takes, new Topic(filter).Matches(topic));

    [Theory, InlineData(""), InlineData("sport/tennis#"), InlineData("sport/tennis/#/ranking"), InlineData("sport+")]
    [InlineData("sport+/x"), InlineData("++"), InlineData("a\0b")]
    public void What_is_no_topic_and_no_filter_is_refused(string text) => Assert.Throws<ArgumentException>(() => new Topic(text));

    [Fact]
    public void Filters_are_told_from_topics_and_length_is_bounded()
    {
        Assert.True(new Topic("a/+").IsFilter && new Topic("#").IsFilter);
        Assert.False(new Topic("a/b").IsFilter);
        Assert.Throws<ArgumentException>(() => new Topic(new string('a', 65536)));
        Assert.Equal(new Topic("a/b"), Topic.FromString("a/b"));
    }
}
