namespace StreamLearn.Tests;

/// <summary>A subscription that is canceled, because all blocks after it have closed, or by a test: what came before is handed out, what
/// comes later stays with the transport.</summary>
public sealed class CanceledSubscriptionTests
{
    private static readonly MessageFate Acknowledged = new(1, 0, 1);
    private static readonly MessageFate Untouched = new(0, 0, 0);

    [Fact]
    public async Task What_comes_after_all_blocks_have_closed_stays_with_the_transport_for_the_next_run()
    {
        var transport = new ScriptedTransport();
        transport.Deliver("in", "0");
        transport.Deliver("in", "1");
        var isOpen = true;
        var closing = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default)
            .Block("closes", Script.Passing((_, _) => isOpen = false) with { Ready = () => isOpen })
            .Publish(transport, "first", NumberCodec.Default));
        await closing.EndAsync();
        transport.Deliver("in", "2");

        Assert.Equal([2], transport.Late);
        Assert.Equal([Acknowledged, Acknowledged, Untouched], transport.Fates);
        Assert.Equal(1, closing.Metrics["closes"].Drops["after-end"]);

        transport.End("in");
        await Blocks.RunAsync(p => p.Subscribe(transport, "in", NumberCodec.Default).Publish(transport, "second", NumberCodec.Default));

        Assert.Equal([("first", "0"), ("second", "2")], transport.Published.Select(m => (m.Topic, m.Payload)));
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
        Assert.Empty(transport.Violations);
    }

    /// <summary>A message that comes just as the subscription is canceled is handed out, or known to be late: never neither.</summary>
    [Fact]
    public async Task A_message_that_comes_with_the_cancellation_is_handed_out_or_late()
    {
        for (var i = 0; i < 200; i++)
        {
            var transport = new ScriptedTransport();
            using var ending = new CancellationTokenSource();
            using var _ = ending.Token.Register(() => transport.Deliver("in", "1"));       // after the reader's own, which began later
            var reading = ReadAsync(transport, ending.Token);
            await ending.CancelAsync();
            Assert.Equal([0], (await reading.WaitAsync(Blocks.Patience)).Concat(transport.Late));
        }
    }

    private static async Task<List<int>> ReadAsync(ScriptedTransport transport, CancellationToken cancellationToken)
    {
        var taken = new List<int>();
        await foreach (var message in transport.SubscribeAsync("in", new(), cancellationToken))
        {
            taken.Add((int)message.Origin.Sequence);
            message.Acknowledge();
            message.Dispose();
        }
        return taken;
    }
}
