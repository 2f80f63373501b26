namespace StreamLearn.Fleets.Tests;

/// <summary>Updates that go in pieces.</summary>
public sealed class PiecesTests
{
    private const int PieceBytes = 1024;
    private const int Values = 1000;
    private static readonly ModelPlan Plan = PlanOf(Values);
    internal static readonly JoinPiecesBlock Bounds = new(Plan, 8 << 10, 16 << 10, TimeSpan.FromHours(1));

    [Theory, InlineData(2, 1), InlineData(Values, 4)]
    public void An_update_comes_out_as_it_went_in(int values, int count)
    {
        var update = Update("a", 1, values);
        var pieces = Pieces(update);
        using var joined = OperatorProbe.Of<UpdatePiece, WeightDelta>(flow => flow.JoinPieces(Plan, 8 << 10, 16 << 10));
        foreach (var piece in pieces) { joined.Send(OverTheWire(piece)); }
        Assert.Equal(count, pieces.Count);
        Assert.All(pieces, p => Assert.InRange(p.Bytes.Length, 1, PieceBytes));
        Assert.Equal(Encoded(update), Encoded(joined.Take<WeightDelta>()));
        joined.ExpectNothing();
    }

    [Fact]
    public void Pieces_that_come_again_change_nothing_and_after_a_gap_the_update_is_sent_again()
    {
        var (update, again) = (Update("a", 1), Update("a", 1) with { IsResent = true });
        var (pieces, others) = (Pieces(update), Pieces(again));
        using var joined = OperatorProbe.Of<UpdatePiece, WeightDelta>(flow => flow.JoinPieces(Plan, 8 << 10, 16 << 10));
        foreach (var at in new[] { 0, 1, 0, 1, 2, 0, 3 }) { joined.Send(pieces[at]); }
        Assert.Empty(joined.Metrics.Drops);
        Assert.Equal(Encoded(update), Encoded(joined.Take<WeightDelta>()));
        Assert.Equal(3, joined.Metrics.Counter("repeated"));
        foreach (var at in new[] { 0, 2, 3 }) { joined.Send(pieces[at]); }
        foreach (var piece in others) { joined.Send(piece); }
        Assert.Equal(Encoded(again), Encoded(joined.Take<WeightDelta>()));
        Assert.Equal(2, joined.Metrics.Drops["gap"]);
        joined.ExpectNothing();
    }

    [Fact]
    public void The_first_piece_of_another_update_takes_the_place_of_one_that_is_not_whole_whatever_its_number()
    {
        var (first, second) = (Pieces(Update("a", 1)), Pieces(Update("a", 2)));
        using var joined = OperatorProbe.Of<UpdatePiece, WeightDelta>(flow => flow.JoinPieces(Plan, 8 << 10, 16 << 10));
        List<UpdatePiece> pieces = [second[0], first[0], first[1], second[1], .. first.Skip(2), .. second];
        pieces.ForEach(joined.Send);
        Assert.Equal([1, 2], joined.TakeAll<WeightDelta>().Select(static u => u.Sequence));
        Assert.Equal(1, joined.Metrics.Drops["gap"]);
    }

    [Fact]
    public void What_is_held_has_a_bound_and_the_device_that_was_silent_longest_gives_way()
    {
        var devices = new[] { "a", "b", "c", "d" }.ToDictionary(static d => d, static d => Pieces(Update(d, 1)));
        using var joined = OperatorProbe.Of<UpdatePiece, WeightDelta>(flow => flow.JoinPieces(Plan, 8 << 10, 16 << 10));
        foreach (var at in new[] { 0, 1, 2 })
        {
            foreach (var pieces in devices.Values) { joined.Send(pieces[at]); }     // in 4 KiB of each and more: the bound is 16
        }
        foreach (var pieces in devices.Values) { joined.Send(pieces[3]); }
        Assert.Equal(["b", "c", "d"], joined.TakeAll<WeightDelta>().Select(static u => u.Device).Order());
        Assert.Equal([("forgotten", 1), ("gap", 1)], joined.Metrics.Drops.Select(static d => (d.Key, d.Value)).Order());
    }

    [Fact]
    public void What_is_no_update_of_its_device_is_dropped_with_its_reason()
    {
        var pieces = Pieces(Update("a", 1));
        using var joined = OperatorProbe.Of<UpdatePiece, WeightDelta>(flow => flow.JoinPieces(Plan, 8 << 10, 16 << 10));
        joined.Send(pieces[0].SentBy("b"), pieces[0] with { Total = Bounds.MaxUpdateBytes + 1 });
        foreach (var piece in pieces) { joined.Send(piece with { Device = "b" }); }
        foreach (var piece in pieces) { joined.Send(piece with { Bytes = piece.Bytes.SetItem(9, (byte)~piece.Bytes[9]) }); }
        joined.ExpectNothing();
        Assert.Equal([("malformed", 2), ("not-its-topic", 1), ("too-large", 1)],
            joined.Metrics.Drops.Select(static d => (d.Key, d.Value)).Order());
    }

    [Fact]
    public void An_update_of_another_model_comes_out_by_its_identity()
    {
        var update = Update("a", 1);
        using var joined = OperatorProbe.Of<UpdatePiece, WeightDelta>(flow => flow.JoinPieces(PlanOf(Values / 2), 8 << 10, 16 << 10));
        foreach (var piece in Pieces(update)) { joined.Send(piece); }
        var taken = joined.Take<WeightDelta>();
        Assert.Equal((update.Epoch, update.Sequence, Plan.SchemaHash, 0),
            (taken.Epoch, taken.Sequence, taken.SchemaHash, taken.Values.Length));
        Assert.Empty(joined.Metrics.Drops);
    }

    [Fact]
    public void A_piece_that_cannot_be_true_locks_no_device_out()
    {
        var pieces = Pieces(Update("a", 1));
        var day = (OperatorProbe.Start + TimeSpan.FromDays(1)).ToUnixTimeMilliseconds();
        using var joined = OperatorProbe.Of<UpdatePiece, WeightDelta>(flow => flow.JoinPieces(Plan, 8 << 10, 16 << 10));
        foreach (var epoch in new[] { long.MaxValue, day + 1, -1 }) { joined.Send(pieces[0] with { Epoch = epoch }); }
        foreach (var sequence in new[] { long.MaxValue, 0 }) { joined.Send(pieces[0] with { Sequence = sequence }); }
        joined.Send(pieces[0] with { Bytes = [1] });
        foreach (var piece in pieces) { joined.Send(piece); }
        Assert.Equal("a", joined.Take<WeightDelta>().Device);
        Assert.Equal([("identity", 2), ("implausible-epoch", 3), ("too-small", 1)],
            joined.Metrics.Drops.Select(static d => (d.Key, d.Value)).Order());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_half_update_ends_when_its_device_is_forgotten_or_an_hour_is_over_and_a_later_start_locks_nobody_out(bool isForgotten)
    {
        var pieces = Pieces(Update("a", 1));
        using var joined = OperatorProbe.From<UpdatePiece>((p, flow) =>
            flow.JoinPieces(Plan, 8 << 10, 16 << 10).ControlledBy(p.Input<ForgottenDevice>("forget")).Output("main"));
        joined.Send(pieces[0] with { Epoch = 8 });
        joined.Advance(TimeSpan.FromMinutes(59));
        joined.Control(new ForgottenDevice("nobody"));
        if (isForgotten) { joined.Control(new ForgottenDevice("a")); }
        else { joined.Advance(TimeSpan.FromMinutes(1)); }
        joined.Send(pieces[1] with { Epoch = 8 }, pieces[0] with { Epoch = 8 });
        foreach (var piece in pieces) { joined.Send(piece); }
        Assert.Equal(7, joined.Take<WeightDelta>().Epoch);
        Assert.Equal((1, isForgotten ? 0 : 1), (joined.Metrics.Drops["gap"], joined.Metrics.Drops.GetValueOrDefault("expired")));
    }

    /// <summary>A piece of the fewest bytes costs no more than they, here and in a checkpoint.</summary>
    [Fact]
    public void An_update_is_not_sent_twice_while_its_answer_may_be_on_the_way()
    {
        using var sending = OperatorProbe.Of<WeightDelta, UpdatePiece>(flow => flow.SendInPieces(PieceBytes));
        var update = Update("a", 1);
        sending.Send(update);
        sending.Advance(TimeSpan.Zero);
        sending.Advance(TimeSpan.FromSeconds(9));
        sending.Send(update with { IsResent = true });
        sending.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((4, 1), (sending.TakeAll<UpdatePiece>().Count, sending.Metrics.Counter("held")));
        sending.Send(update with { IsResent = true });
        sending.Advance(TimeSpan.Zero);
        sending.Send(Update("a", 2));
        sending.Advance(TimeSpan.Zero);
        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2], sending.TakeAll<UpdatePiece>().Select(static p => p.Sequence));
        Assert.Equal(0, sending.Metrics.Gauges["bytes-left"]);
    }

    [Fact]
    public void Damaged_pieces_are_refused()
    {
        var bytes = Frames.Encoded(UpdatePiece.Codec, Pieces(Update("a", 1))[1]);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(UpdatePiece.Codec.TryDecode(new(bytes, 0, length), new(), out _));
        }

        var random = new Random(3);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(UpdatePiece.Codec.TryDecode(new(damaged), new(), out _));
        }
    }

    private static ModelPlan PlanOf(int values) => new(new Shape(1), 2, values, [("weights", SliceKind.Trained, values)]);

    internal static WeightDelta Update(string device, long sequence, int values = Values) => new()
    {
        Device = device,
        Epoch = 7,
        Sequence = sequence,
        BaseVersion = 3,
        Samples = 16,
        Steps = 4,
        SchemaHash = Plan.SchemaHash,
        Values = [.. Enumerable.Range(0, values).Select(v => (float)Math.Sin(v + sequence))],
    };

    internal static IReadOnlyList<UpdatePiece> Pieces(WeightDelta update)
    {
        using var probe = OperatorProbe.Of<WeightDelta, UpdatePiece>(flow => flow.SendInPieces(PieceBytes));
        probe.Send(update);
        probe.Advance(TimeSpan.Zero);
        return [.. probe.TakeAll<UpdatePiece>()];
    }

    private static byte[] Encoded(WeightDelta update) => Frames.Encoded(LearningCodecs.Deltas, update);

    private static UpdatePiece OverTheWire(UpdatePiece piece)
    {
        Assert.True(UpdatePiece.Codec.TryDecode(new(Frames.Encoded(UpdatePiece.Codec, piece)), new(), out var read));
        return read;
    }
}
