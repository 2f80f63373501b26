namespace StreamLearn.Learning.Tests;

/// <summary>Rounds of split training and sessions that move, as bytes.</summary>
public sealed class SessionCodecsTests
{
    private static readonly BoundaryGradients Answer = new()
    {
        Device = "d",
        Epoch = 1,
        Sequence = 2,
        Split = 3,
        SchemaHash = 4,
        Values = [0.5f],
        Loss = 1,
        Begins = new(7, 8),
        Edge = "e2",
        Term = 3,
    };

    private static readonly Activations Ends = new()
    {
        Device = "d",
        Epoch = 1,
        Sequence = 2,
        Split = 3,
        SchemaHash = 4,
        Rows = 0,
        Part = new() { First = 0, End = 3, Values = [1, 2], State = [] },
        Round = new()
        {
            Base = new(5, 6),
            Batches = 7,
            Rows = 8,
            Loss = 0.5f,
            Time = TimeSpan.FromTicks(9),
            TimePerBatch = TimeSpan.FromTicks(10),
            IsLast = true,
        },
        Resources = new()
        {
            Times = new([0.25, 0.5], [0.75, 1]),
            MemoryBytes = 10,
            ComputingWatts = 3.8,
            SendingWatts = 1.1,
            ReceivingWatts = 0.8,
        },
        Edge = "e1",
    };

    private static readonly SessionTransfer Moves = new()
    {
        Step = TransferStep.Session,
        Device = "d",
        From = "e1",
        To = "e2",
        Term = 2,
        Session = new()
        {
            SchemaHash = 4,
            Epoch = 1,
            Sequence = 2,
            Base = new(5, 6),
            Part = new() { First = 1, End = 2, Values = [1], State = [2] },
            Steps = 3,
            StepsBefore = 4,
            Waits = true,
            Answer = Answer,
        },
    };

    [Fact]
    public void The_end_of_a_round_comes_as_it_went()
    {
        var got = Same(LearningCodecs.Activations, Ends)!;
        Assert.Equal(Ends.Round, got.Round);
        Assert.Equal(Ends.Resources, got.Resources);
        Assert.Equal(("e1", 2), (got.Edge, got.Part!.Values.Length));
        Assert.Equal(Ends.Resources! with { Times = null },
            Same(LearningCodecs.Activations, Ends with { Resources = Ends.Resources! with { Times = null } })!.Resources);
    }

    [Fact]
    public void The_answer_to_it_comes_as_it_went()
    {
        var got = Same(LearningCodecs.BoundaryGradients, Answer with { Voids = true })!;
        Assert.Equal((new ModelVersion(7, 8), "e2", 3, true), (got.Begins!.Value, got.Edge, got.Term, got.Voids));
        Assert.False(Same(LearningCodecs.BoundaryGradients, Answer)!.Voids);
    }

    [Theory]
    [InlineData(TransferStep.Move), InlineData(TransferStep.Taken), InlineData(TransferStep.Refused)]
    [InlineData(TransferStep.Session)]
    public void A_step_of_a_move_comes_as_it_went(TransferStep step)
    {
        var sent = Moves with { Step = step, Session = step == TransferStep.Session ? Moves.Session : null };
        var got = Same(LearningCodecs.SessionTransfers, sent)!;
        Assert.Equal(sent with { Session = null }, got! with { Session = null });
        if (sent.Session is not { } session) { return; }
        Assert.NotNull(got.Session);
        Assert.Equal(session with { Part = null!, Answer = null }, got.Session with { Part = null!, Answer = null });
        Assert.Equal((Answer.Sequence, Answer.Term), (got.Session.Answer!.Sequence, got.Session.Answer!.Term));
        Assert.Equal(session.Part.Values, got.Session.Part.Values);
    }

    [Fact]
    public void Cut_and_damaged_messages_are_refused()
    {
        Refuses(LearningCodecs.SessionTransfers, Moves);
        Refuses(LearningCodecs.Activations, Ends);
    }

    [Fact]
    public void Values_out_of_their_range_are_refused()
    {
        Refused(Ends with { Resources = Ends.Resources! with { ComputingWatts = -1 } });
        Refused(Ends with { Resources = Ends.Resources! with { MemoryBytes = 0 } });
        Refused(Ends with { Resources = Ends.Resources! with { Times = new([double.NaN], [0]) } });
        Refused(Ends with { Round = Ends.Round! with { Batches = -1 } });
        Refused(Ends with { Round = Ends.Round! with { Time = TimeSpan.FromTicks(-1) } });
        Assert.False(Decodes(LearningCodecs.SessionTransfers,
            Encoded(LearningCodecs.SessionTransfers, Moves with { Step = TransferStep.Taken })));
        Assert.False(Decodes(LearningCodecs.SessionTransfers,
            Encoded(LearningCodecs.SessionTransfers, Moves with { Session = Moves.Session! with { Steps = -1 } })));
    }

    private static void Refused(Activations message) =>
        Assert.False(Decodes(LearningCodecs.Activations, Encoded(LearningCodecs.Activations, message)));
}
