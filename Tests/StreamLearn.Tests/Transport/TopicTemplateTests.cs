namespace StreamLearn.Tests;

public sealed class TopicTemplateTests
{
    [Theory]
    [InlineData("sl/run/edge/down/{device}/model", "pump-7", "sl/run/edge/down/pump-7/model")]
    [InlineData("{device}/model", "pump-7", "pump-7/model")]
    [InlineData("model/{device}", "pump-7", "model/pump-7")]
    [InlineData("{device}", "pump-7", "pump-7")]
    [InlineData("/{device}//x", "a b", "/a b//x")]
    [InlineData("down/{device}", "halle 2/pumpe+#", "down/halle 2%2Fpumpe%2B%23")]
    [InlineData("{device}", "$SYS", "%24SYS")]
    public void A_text_stands_in_place_of_the_braces(string template, string level, string topic) =>
        Assert.Equal(topic, new TopicTemplate(template).Of(level).Value);

    [Theory, InlineData(""), InlineData("down/device/model"), InlineData("down/{device}/{kind}"), InlineData("down/{device}/{device}")]
    [InlineData("down/{device}/x{kind}"), InlineData("down/x{device}"), InlineData("down/{device"), InlineData("down/{}")]
    [InlineData("down/{a b}"), InlineData("down/{device}/+"), InlineData("+/{device}"), InlineData("{device}/#")]
    [InlineData("{device}/#/x")]
    public void A_template_has_exactly_one_level_in_braces_and_no_wildcard(string template) =>
        Assert.ThrowsAny<ArgumentException>(() => new TopicTemplate(template));

    [Fact]
    public void Templates_are_equal_by_their_texts_and_name_their_level()
    {
        TopicTemplate template = "a/{device}";
        Assert.Equal(("a/{device}", "device"), (template.Value, template.Level));
        Assert.Equal(template, TopicTemplate.FromString("a/{device}"));
        Assert.Equal(template.GetHashCode(), TopicTemplate.FromString("a/{device}").GetHashCode());
        Assert.NotEqual(template, "a/{pump}");
        Assert.Equal("a/{device}", template.ToString());
    }

    [Theory]
    [InlineData("down/a/model", true)]
    [InlineData("down/+/model", true)]
    [InlineData("down/#", true)]
    [InlineData("down/a%2Fb/model", true)]
    [InlineData("+/+/+", true)]
    [InlineData("down/a/model/#", true)]
    [InlineData("down/a", false)]
    [InlineData("down", false)]
    [InlineData("up/+/model", false)]
    [InlineData("down/+/model/x", false)]
    [InlineData("down/50%/model", false)]      // no escaped text looks like this
    [InlineData("down/$a/model", false)]
    public void A_filter_may_meet_the_topics_of_a_template(string filter, bool meets) =>
        Assert.Equal(meets, new TopicTemplate("down/{device}/model").MayMeet(filter));

    [Theory, InlineData("pump-7", "pump-7"), InlineData("Höhe é", "Höhe é"), InlineData("", "%"), InlineData("%", "%25")]
    [InlineData("%41", "%2541"), InlineData("a/b", "a%2Fb"), InlineData("+", "%2B"), InlineData("#", "%23")]
    [InlineData("a\0\u007f\u0085", "a%00%7F%C2%85"), InlineData("$a$", "%24a$"), InlineData("{a}", "{a}")]
    public void Any_text_becomes_one_level_and_comes_back(string text, string level)
    {
        Assert.Equal(level, Topic.Escape(text));
        Assert.Equal(text, Topic.Unescape(level));
        Assert.False(new Topic($"a/{level}/b").IsFilter);
        Assert.Equal(3, new Topic($"a/{level}/b").Value.Split('/').Length);
    }

    [Fact]
    public void Texts_of_all_characters_that_matter_become_different_levels_and_come_back()
    {
        char[] characters = ['/', '+', '#', '%', '\0', '\u001f', '$', '2', 'F', 'é', '{'];
        var texts = new List<string> { "" };
        for (var length = 0; length < 3; length++)
        {
            texts = [.. texts.Concat(texts.SelectMany(t => characters.Select(c => t + c))).Distinct(StringComparer.Ordinal)];
        }
        Assert.Equal(texts, texts.Select(t => Topic.Unescape(Topic.Escape(t))));
        Assert.Equal(texts.Count, texts.Select(Topic.Escape).Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain(texts.Select(Topic.Escape), static l => l.Length == 0 || l.AsSpan().ContainsAny("/+#\0\u001f"));
    }

    [Theory, InlineData("%4"), InlineData("50%"), InlineData("%zz")]
    public void What_no_text_is_written_as_stays_as_it_is(string level) => Assert.Equal(level, Topic.Unescape(level));
}
