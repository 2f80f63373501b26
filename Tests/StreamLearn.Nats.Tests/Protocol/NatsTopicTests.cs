namespace StreamLearn.Nats.Tests;

public sealed class NatsTopicTests
{
    private static readonly string[] Pieces =
        ["a", "/", "/", ".", " ", "*", ">", "%", "%2E", "\t", "\u0085", "\u007F", "ü", "\U0001F600", "$", "{x}", "\u2028"];

    [Fact]
    public void Every_topic_has_a_subject_that_leads_back()
    {
        var random = new RandomStream(1, "topics");
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.NextInt32(12) + 1).Select(_ => Pieces[random.NextInt32(Pieces.Length)]));
            var subject = NatsTopic.ToSubject(text);
            Assert.DoesNotContain(subject.Split('.'), static t => t.Length == 0 || t.Any(static c => c <= ' ' || char.IsControl(c))
                || (t.Length > 1 && t.AsSpan().ContainsAny('*', '>')));
            Assert.True(NatsTopic.TryToTopic(subject, out var topic) && topic.Value == text, text);
        }
    }

    [Theory, InlineData(""), InlineData("a..b"), InlineData("a.>.b"), InlineData("a*.b"), InlineData("a b"), InlineData("a.%2e")]
    [InlineData("%23.a")]
    public void A_subject_that_is_written_otherwise_belongs_to_no_topic(string subject) =>
        Assert.False(NatsTopic.TryToTopic(subject, out _));

    [Fact]
    public void A_filter_that_takes_its_parent_has_two_subjects()
    {
        Assert.Equal(("a.>", "a"), NatsTopic.Subscription("a/#"));
        Assert.Equal((">", null), NatsTopic.Subscription("#"));
        Assert.Equal(("*.%.b%2Ec", null), NatsTopic.Subscription("+//b.c"));
    }
}
