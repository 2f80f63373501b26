namespace StreamLearn.Tests;

public sealed class TopicPatternTests
{
    [Theory]
    [InlineData("plant/{site}/{pump}/vibration", "plant/+/+/vibration", "site,pump")]
    [InlineData("{site}", "+", "site")]
    [InlineData("{site}/+/{pump}/#", "+/+/+/#", "site,pump")]
    [InlineData("$share/g/plant/{pump}", "$share/g/plant/+", "pump")]
    [InlineData("plant/+/vibration", "plant/+/vibration", "")]
    [InlineData("plant/{open/close}", "plant/{open/close}", "")]
    public void Named_levels_become_wildcards(string text, string filter, string names)
    {
        var pattern = new TopicPattern(text);
        Assert.Equal(filter, pattern.Filter.Value);
        Assert.Equal(names, string.Join(',', pattern.Names));
    }

    [Fact]
    public void A_name_has_64_characters_at_most()
    {
        Assert.Equal([new string('x', 64)], new TopicPattern($"a/{{{new string('x', 64)}}}").Names);
        Assert.Throws<ArgumentException>(() => new TopicPattern($"a/{{{new string('x', 65)}}}"));
    }

    [Theory, InlineData("plant/{}"), InlineData("plant/{a b}"), InlineData("plant/{a}/{a}"), InlineData("plant/{a}}")]
    public void A_name_that_is_none_is_refused(string text) => Assert.Throws<ArgumentException>(() => new TopicPattern(text));

    [Theory]
    [InlineData("plant/{site}/{pump}/vibration", "plant/north/p7/vibration", "north,p7")]
    [InlineData("plant/{site}/{pump}/vibration", "plant///vibration", ",")]
    [InlineData("{site}/+/{pump}/#", "north/x/p7/a/b", "north,p7")]
    [InlineData("a/{last}", "a/", "")]
    [InlineData("$share/g/{first}/b", "north/b", "north")]
    public void Texts_are_found_in_a_topic(string text, string topic, string expected)
    {
        var pattern = new TopicPattern(text);
        Span<Range> texts = stackalloc Range[pattern.Names.Length];
        pattern.Match(topic, texts);
        Assert.Equal(expected, string.Join(',', texts.ToArray().Select(t => topic[t])));
    }
}
