using System.Collections.Immutable;

namespace StreamLearn.Tests;

/// <summary>What a message may carry beside its payload.</summary>
public sealed class MessagePropertiesTests
{
    [Fact]
    public void Two_are_equal_when_they_say_the_same()
    {
        static MessageProperties Made(byte last = 3) => new()
        {
            User = [new("a", "1"), new("a", "2")],
            CorrelationData = new byte[] { 1, 2, last },
            ResponseTopic = "answers",
            ContentType = "text/plain",
        };

        Assert.Equal(Made(), Made());
        Assert.Equal(Made().GetHashCode(), Made().GetHashCode());
        Assert.Equal("text/plain, a=1, a=2, answer to answers, correlation 010203", Made().ToString());
        Assert.NotEqual(Made(), Made(4));
        Assert.NotEqual(Made(), Made() with { ResponseTopic = null });
        Assert.NotEqual(Made(), Made() with { ContentType = null });
        Assert.NotEqual(Made(), Made() with { User = [new("a", "2"), new("a", "1")] });
    }

    [Fact]
    public void A_value_is_found_by_its_name_as_it_is_written()
    {
        var properties = new MessageProperties { User = [new("B", "1"), new("b", "2"), new("b", "3")] };
        Assert.Equal(("2", null), (properties["b"], properties["c"]));
    }

    [Fact]
    public void What_no_packet_can_hold_is_refused()
    {
        Assert.Equal(65_535, new MessageProperties { CorrelationData = new byte[65_535] }.CorrelationData.Length);
        Assert.Equal(21_845, new MessageProperties { ContentType = new('\u20ac', 21_845) }.ContentType!.Length);
        Assert.Equal(65_535, new MessageProperties { ContentType = new('x', 65_535) }.ContentType!.Length);
        Assert.All(new Action[]
        {
            () => _ = new MessageProperties { ContentType = new('x', 65_536) },
            () => _ = new MessageProperties { ContentType = new('\u20ac', 21_846) },        // three bytes each
            () => _ = new MessageProperties { ResponseTopic = "a\0b" },
            () => _ = new MessageProperties { CorrelationData = new byte[65_536] },
            () => _ = new MessageProperties { User = [new("a", "\0")] },
            () => _ = new MessageProperties { User = [new(null!, "a")] },
        }, make => Assert.Throws<ArgumentException>(make));
        Assert.Empty(new MessageProperties { User = default(ImmutableArray<KeyValuePair<string, string>>) }.User);
    }
}
