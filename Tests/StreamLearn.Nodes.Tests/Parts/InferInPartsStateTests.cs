namespace StreamLearn.Nodes.Tests;

/// <summary>The state of the node that deals blocks out: what is damaged or of other blocks is refused.</summary>
public sealed class InferInPartsStateTests
{
    private static readonly Network Network =
        new(new(1, 4, 2), 2, [new Relu(), new GlobalMax(), new Dense(3)], [new(2, new Dense(2))], seed: 1);

    private static readonly PartBlock Statistics = new() { End = 2, Workers = [("left", 1), ("right", 1)] };
    private static readonly PartBlock Channels = new() { First = 2, End = 3, Workers = [("left", 1)], By = PartCut.Channels };

    /// <summary>One input in the first block with a part of it there, and one in the second.</summary>
    [Fact]
    public void A_state_that_is_damaged_is_refused_or_is_another_one() => Used().DamagedInto(static () => Head(Statistics, Channels).State);

    [Fact]
    public void A_state_of_other_blocks_is_refused()
    {
        Used().Into(Head(Statistics, Channels).State);
        Assert.Throws<StateException>(static () => Used().Into(Head(Statistics).State));
        Assert.Throws<StateException>(static () => Used().Into(Head(Statistics with { End = 1 }, Channels).State));
    }

    [Fact]
    public void A_state_without_some_lines_is_refused()
    {
        var flight = new PartFlight();
        flight.Begin(1, new BatchPool().Rent(PartFleet.Rows, 1), default, Network.Initial);
        var block = new CutBlock(Network, 0, 2);
        flight.Enter(0, 1, block, new float[8]);
        foreach (var lines in new IndexRange[] { new(0, 2), new(3, 4) }) { flight.Shares.Add(new(lines, 0, default, IsDone: true)); }
        var message = Assert.Throws<StateException>(() => SavedState.Of((ref s) => flight.State(ref s, Network.Plan, [block], 1))
            .Into((ref s) => new PartFlight().State(ref s, Network.Plan, [block], 1))).Message;
        Assert.Equal("expected parts of 4 lines or channels, each once", message);
    }

    private static SavedState Used()
    {
        var head = Head(Statistics, Channels);
        for (var i = 0; i < 2; i++) { head.Process(Batches.Random(new(), new(Field.Channel("x", Unit.One)), 8, seed: i)); }
        foreach (var lines in new IndexRange[] { new(0, 2), new(2, 4) }) { head.Control(Result(1, lines)); }
        head.Control(Result(2, new(0, 2)));
        return SavedState.Of(head.State);
    }

    private static PartResult Result(long sequence, IndexRange lines) => new()
    {
        Device = "device",
        Worker = lines.From == 0 ? "left" : "right",
        Epoch = 0,
        Sequence = sequence,
        SchemaHash = Network.Plan.SchemaHash,
        Version = Network.Initial.Id,
        Lines = lines,
        Rows = 1,
        Values = [1],
    };

    private static InferInParts Head(params ReadOnlySpan<PartBlock> blocks) => new(
        new(Network, new() { Blocks = [.. blocks], Epoch = 0 }), Contexts.New(), new Unheard<Batch>(), new Unheard<PartTask>());
}
