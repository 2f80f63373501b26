namespace StreamLearn.Nodes.Tests;

/// <summary>Gradients of an edge that no longer answers.</summary>
public sealed class LostEdgeTests
{
    [Theory, InlineData(5), InlineData(int.MaxValue)]
    public void An_edge_that_is_gone_for_a_minute_leaves_the_session_to_who_answers(int term)
    {
        using var pair = new SplitPair(3);
        pair.Feed(0);
        pair.Device.Control(new BoundaryGradients
        {
            Device = "probe",
            Epoch = 0,
            Sequence = 0,
            Split = 3,
            SchemaHash = SplitPair.Network.Plan.SchemaHash,
            Edge = "nobody",
            Term = term,
        });
        pair.Device.TakeAll<Activations>();
        for (var second = 0; second < 120; second += 5)
        {
            if (pair.Device.Ready) { pair.Feed(0); }
            pair.Exchange();
            pair.Device.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.True(pair.Device.Metrics.Counter("rows-trained") > 0, $"{pair.Device.Metrics}");
        Assert.Null(pair.Sent[^1].Edge);
    }
}
