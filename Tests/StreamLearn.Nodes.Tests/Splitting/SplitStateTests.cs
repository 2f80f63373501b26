namespace StreamLearn.Nodes.Tests;

/// <summary>The state of the sides of a split network: what is damaged or of other layers is refused; a tape goes on.</summary>
public sealed class SplitStateTests
{
    private static readonly Network Network = new(new(1), 2, [new Dense(2), new Relu(), new Dense(2)], [new(2, new Dense(2))], seed: 1);
    private static readonly SplitTrainOptions Options = new() { BatchRows = 2, InFlight = 2, Epoch = 0 };

    [Fact]
    public void A_state_that_is_damaged_is_refused_or_is_another_one()
    {
        SavedState.Of(UsedMiddle().State).DamagedInto(static () => Middle(1, 2).State);
        SavedState.Of(UsedFront().State).DamagedInto(static () => Front().State);
        SavedState.Of(UsedTail().State).DamagedInto(static () => Tail().State);
    }

    [Fact]
    public void A_state_of_other_layers_is_refused()
    {
        var message = Assert.Throws<StateException>(() => SavedState.Of(UsedMiddle().State).Into(Middle(0, 1).State)).Message;
        Assert.Equal("expected layers up to 1, got layers up to 2", message);
    }

    [Fact]
    public void A_state_of_another_network_is_refused()
    {
        var other = new Network(new(1), 2, [new Dense(2), new Tanh(), new Dense(2)], [new(2, new Dense(2))], seed: 1);
        Assert.Contains("expected a model of schema", Assert.Throws<StateException>(
            () => SavedState.Of(UsedTail().State).Into(Tail(other).State)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tape_that_is_taken_up_has_the_number_of_its_batch_and_goes_back_to_the_same_gradients()
    {
        var (tape, taken) = (new Tape { Number = 7 }, new Tape());
        var weights = Network.Initial.Values.ToArray();
        Network.Forward(weights, 0, 2, [1, -2], 2, tape, pin: true);
        SavedState.Of((ref s) => tape.State(ref s, Network, 2)).Into((ref s) => taken.State(ref s, Network, 2));
        Assert.Equal((7, 2, 0, 2), (taken.Number, taken.Rows, taken.From, taken.To));
        Assert.Equal(tape.Pinned, taken.Pinned);
        var (expected, gradients) = (new float[weights.Length], new float[weights.Length]);
        Network.Backward([], tape, [1, 2, 3, 4], expected, []);
        Network.Backward([], taken, [1, 2, 3, 4], gradients, []);
        Assert.Equal(expected, gradients);
    }

    private static SplitFront UsedFront()
    {
        var front = Front();
        front.Process(Testing.Batches.Of(new(), new(Field.Channel("x", Unit.One), Field.Label()),
            new float[] { 1, 2, 3, 4, 5, 6, 7 }, new int?[] { 1, 0, 1, 0, 1, 0, 1 }));
        front.Control(new SplitPlan { Split = 2, FromSequence = 3 });
        return front;
    }

    private static SplitMiddle UsedMiddle()
    {
        var middle = Middle(1, 2);
        middle.Process(Sent(1));
        return middle;
    }

    private static SplitTail UsedTail()
    {
        var tail = Tail();
        tail.Control(Sent(1));
        tail.Process(Sent(1));
        tail.Process(Sent(2) with { Rows = 0, Values = [], Labels = [], MoveTo = 2 });
        return tail;
    }

    private static Activations Sent(long number) => new()
    {
        Device = "device",
        Epoch = 0,
        Sequence = number,
        Split = 1,
        SchemaHash = Network.Plan.SchemaHash,
        Rows = 2,
        Values = [1, 2, 3, 4],
        Labels = [0, 1],
    };

    private static SplitFront Front() => new(
        new(Network, 1, Options), Contexts.New(), new Unheard<Activations>(), new Unheard<SplitReport>());

    private static SplitMiddle Middle(int split, int end) => new(
        new(Network, split, end, Options), Contexts.New(), new Unheard<Activations>(), new Unheard<BoundaryGradients>());

    private static SplitTail Tail(Network? network = null) => new(
        new(network ?? Network, 1, Options), Contexts.New(), new Unheard<BoundaryGradients>(), new Unheard<SplitReport>());
}
