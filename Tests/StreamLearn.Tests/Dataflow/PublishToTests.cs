namespace StreamLearn.Tests;

/// <summary>Publications of which a level of the topic depends on the message.</summary>
public sealed class PublishToTests
{
    private static readonly string[] Names = ["a", "b/c", "", "50%", "Höhe"];

    [Fact]
    public async Task Each_message_goes_to_its_own_topic()
    {
        var transport = new ScriptedTransport();
        var run = await Blocks.RunAsync(p => p.Numbers(10).PublishTo(
            transport, "down/{device}/model", NumberCodec.Default, static b => Names[Blocks.Number(b) % Names.Length]));
        string[] levels = ["a", "b%2Fc", "%", "50%25", "Höhe"];
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ($"down/{levels[i % 5]}/model", $"{i}")),
            transport.Published.Select(m => (m.Topic, m.Payload)));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ("test/publish down/{device}/model", (long)i)),
            transport.Published.Select(m => (m.Origin.Source, m.Origin.Sequence)));
        Assert.Equal(10, run.Metrics["publish down/{device}/model"].ItemsIn);
    }

    [Fact]
    public async Task Its_settings_are_those_of_each_message()
    {
        var transport = new ScriptedTransport();
        var properties = new MessageProperties { ContentType = "text/plain" };
        await Blocks.RunAsync(p => p.Numbers(2).PublishTo(
            transport, "{n}", NumberCodec.Default, static b => $"{Blocks.Number(b)}", new() { Retain = true, Properties = properties }));
        Assert.All(transport.Options, o => Assert.Equal((true, properties, "number/1"), (o.Retain, o.Properties, o.Codec)));
    }

    [Fact]
    public async Task More_levels_than_are_remembered_are_published_too()
    {
        var transport = new ScriptedTransport();
        await Blocks.RunAsync(p => p.Numbers(20_000).PublishTo(
            transport, "to/{n}", NumberCodec.Default, static b => $"{Blocks.Number(b) % 17_000}"));
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"to/{i % 17_000}"), transport.Published.Select(m => m.Topic));
    }

    [Fact]
    public void A_level_that_came_before_allocates_nothing()
    {
        var levels = Enumerable.Range(0, 100).Select(i => $"pump/{i}").ToArray();
        var topicOf = new PublicationTopic("down/{device}", default, item => levels[(int)item]).Open();
        object[] items = [.. Enumerable.Range(0, 100).Select(i => (object)i)];
        foreach (var item in items) { topicOf(item); }
        Assert.Equal(0, Allocations.Least(() => { foreach (var item in items) { topicOf(item); } }));
        Assert.Equal("down/pump%2F7", topicOf(7).Value);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_message_without_a_level_fails_the_run(bool throws)
    {
        var transport = new ScriptedTransport();
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).PublishTo(transport, "to/{n}", NumberCodec.Default,
            b => throws ? throw new InvalidOperationException("nobody") : null!));
        transport.Deliver("in", "1");
        Assert.Equal(1, (await run.FailAsync("publish to/{n}")).Item);
        Assert.Equal(new MessageFate(0, 1, 1), Assert.Single(transport.Fates));
    }

    [Fact]
    public void A_definition_prints_and_compares_template_and_settings()
    {
        static Pipeline With(string topic, PublicationOptions? options = null) => Pipeline.Define("a", p =>
            p.Numbers(1).PublishTo(new ScriptedTransport("field"), topic, NumberCodec.Default, static _ => "x", options));

        Assert.Contains(
            "publish down/{device}<br/>field, number/1, by device",
            With("down/{device}").ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("publish down/{device}: Batch →", With("down/{device}").Explain(), StringComparison.Ordinal);
        var named = Pipeline.Define("a", p =>
            p.Numbers(1).Publish(new ScriptedTransport("field"), "a/b", NumberCodec.Default).Named("out"));
        Assert.Contains("out<br/>to a/b<br/>field, number/1", named.ToMermaid(), StringComparison.Ordinal);
        Assert.Equal(With("down/{device}"), With("down/{device}"));
        Assert.NotEqual(With("down/{device}"), With("down/{pump}"));
        Assert.NotEqual(With("down/{device}"), With("down/{device}", new() { Properties = new() { ContentType = "text/plain" } }));
        Assert.NotEqual(With("down/{device}"), Pipeline.Define("a", p =>
            p.Numbers(1).Publish(new ScriptedTransport("field"), "down/{device}", NumberCodec.Default)));
    }

    [Theory, InlineData("down"), InlineData("{a}/{b}"), InlineData("{a}/#")]
    public void A_wrong_template_is_refused_at_wiring(string topic) => Assert.Throws<ArgumentException>(() => Pipeline.Define("a", p =>
        p.Numbers(1).PublishTo(new ScriptedTransport(), topic, NumberCodec.Default, static _ => "x")));
}
