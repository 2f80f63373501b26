using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Tests;

/// <summary>Messages that name their sender, and topics that name one as well.</summary>
public sealed class TopicSenderTests
{
    private readonly TopicSender<Said> _sender = new(new("sl/run/{device}/up/said"), new SaidCodec());

    [Theory, InlineData("a", "a", ""), InlineData("a", "x", "x"), InlineData("a/+%", "a%2F%2B%25", ""), InlineData("$a", "%24a", "")]
    public void A_message_learns_who_may_publish_where_it_came(string says, string level, string other) =>
        Assert.Equal(other, Decoded(says, level)!.Other);

    [Theory]
    [InlineData("%61")]     // another level for the same text, which another one may publish to
    [InlineData("a%2f")]
    [InlineData("$a")]
    [InlineData("a%")]
    public void A_level_that_the_library_would_write_otherwise_names_nobody(string level) => Assert.Null(Decoded("a", level));

    [Fact]
    public void A_name_that_has_come_before_allocates_nothing_but_the_message()
    {
        Topic topic = "sl/run/a/up/said";
        var message = Encoding.UTF8.GetBytes("a");
        object? decoded = null;
        Assert.Equal(0, Allocations.Least(() => decoded = _sender.Decode(new(topic, new(message)), Pools.None, out _)));
        Assert.Same(SaidCodec.OfA, decoded);
    }

    [Fact]
    public void More_than_one_named_level_is_refused() => Assert.Throws<ArgumentException>(() => Pipeline.Define("p", p =>
        p.Subscribe(new InProcessTransport(), "sl/{run}/{device}/said", new SaidCodec()).Discard()));

    [Fact]
    public async Task A_subscription_with_a_named_level_tells_its_messages()
    {
        await using InProcessTransport transport = new();
        List<Said> heard = [];
        await using var run = Pipeline.Define("edge", p =>
            p.Subscribe(transport, "sl/run/{device}/up/said", new SaidCodec()).ForEach("hear", heard.Add)).Start();

        foreach (var level in new[] { "a", "x" })
        {
            Topic topic = $"sl/run/{level}/up/said";
            var options = new PublishOptions(new("test", 0));
            var bytes = Envelope.Seal(topic, new("a"u8.ToArray()), options, DateTimeOffset.UnixEpoch);
            await transport.PublishAsync(topic, bytes, options, Cancellation);
        }
        await run.DrainAsync();
        Assert.Equal(["", "x"], heard.Select(static h => h.Other));
    }

    private Said? Decoded(string says, string level) =>
        (Said?)_sender.Decode(new($"sl/run/{level}/up/said", new(Encoding.UTF8.GetBytes(says))), Pools.None, out _);

    private sealed record Said(string Device, string Other = "") : ISentOnTopic<Said>
    {
        public Said SentBy(string sender) => sender == Device ? this : this with { Other = sender };
    }

    private sealed class SaidCodec : ICodec<Said>
    {
        internal static Said OfA { get; } = new("a");
        public string Name => "said/1";
        public void Encode(Said value, IBufferWriter<byte> buffer) => buffer.Write(Encoding.UTF8.GetBytes(value.Device));

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Said value)
        {
            value = bytes.FirstSpan.SequenceEqual("a"u8) ? OfA : new(Encoding.UTF8.GetString(bytes));
            return true;
        }
    }
}
