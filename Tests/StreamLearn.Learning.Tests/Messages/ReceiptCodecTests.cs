namespace StreamLearn.Learning.Tests;

public sealed class ReceiptCodecTests
{
    private const int CountAt = 46;         // in the golden receipt
    private const int FatesAt = 55;
    private const int ReasonAt = 61;

    private static readonly Receipt Answer = new()
    {
        Device = "pump-7",
        Epoch = 5,
        Aggregator = "edge",
        Newest = new(2, 9),
        Fates = [new(7, UpdateOutcome.Held), new(6, UpdateOutcome.Applied), new(3, UpdateOutcome.Refused, "norm")],
    };

    private static readonly Receipt Nothing = Answer with { Fates = [] };

    [Fact]
    public void A_receipt_has_its_golden_bytes()
    {
        Assert.Equal(
            "534C4D4C" + "01" + "08" + "0000" + "0600" + "70756D702D37" + "0500000000000000" + "0400" + "65646765"
            + "0200000000000000" + "0900000000000000" + "03" + "0700000000000000"
            + "00" + "00" + "01" + "01" + "04" + "02" + "0400" + "6E6F726D" + "E336D60D",
            Convert.ToHexString(Encoded(LearningCodecs.Receipts, Answer)));
        Assert.Equal("receipt/1", LearningCodecs.Receipts.Name);
    }

    [Fact]
    public void Any_receipt_comes_back_as_it_went() =>
        Any.Of<(long Epoch, long Aggregator, int Version, long Newest, (bool Listed, byte Outcome)[] Fates)>(41, 43, sample =>
        {
            var sent = Answer with
            {
                Device = new('é', 128),
                Epoch = sample.Epoch,
                Newest = new(sample.Aggregator, sample.Version & int.MaxValue),
                Fates = [.. sample.Fates.Take(Receipt.MaxFates)
                    .Select((f, back) => (f.Listed, Fate: Some((UpdateOutcome)(f.Outcome % 3), sample.Newest - back)))
                    .Where(f => f.Listed).Select(f => f.Fate)],
            };
            return Same(LearningCodecs.Receipts, sent) is { } got && got.Fates.SequenceEqual(sent.Fates)
                && got with { Fates = sent.Fates } == sent;
        });

    [Fact]
    public void A_receipt_says_which_updates_it_answers_where_that_is_known()
    {
        var known = Answer with { Fates = [.. Answer.Fates.Select(static (f, i) => f with { Fingerprint = (uint)i })], Wanted = new(3, 4) };
        var got = Same(LearningCodecs.Receipts, known)!;
        Assert.Equal(known.Fates, got.Fates.AsEnumerable());
        Assert.Equal(known.Wanted, got.Wanted);
        Refuses(LearningCodecs.Receipts, known);
        Survives(LearningCodecs.Receipts, known);
    }

    [Fact]
    public void A_receipt_says_what_the_model_is_and_stands_beside_others()
    {
        var model = Nothing with { Model = [1, 2, 3] };
        Assert.Equal([1, 2, 3], Same(LearningCodecs.Receipts, model)!.Model);
        Assert.NotEqual(Answer.ReplacementKey, model.ReplacementKey);
        Refuses(LearningCodecs.Receipts, model);
        Assert.False(Decodes(LearningCodecs.Receipts,
            Encoded(LearningCodecs.Receipts, Nothing with { Model = [.. new byte[Receipt.MaxModelBytes + 1]] })));
    }

    [Fact]
    public void A_full_receipt_comes_back_and_one_fate_more_is_refused()
    {
        var full = Answer with { Fates = [.. Enumerable.Range(0, 64).Select(i => new UpdateFate(100 - i, UpdateOutcome.Applied))] };
        var bytes = Encoded(LearningCodecs.Receipts, full);
        byte[] longer = [.. bytes[..^4], 64, 0, 0, 0, 0, 0];
        longer[CountAt]++;
        Assert.Equal(full.Fates, Same(LearningCodecs.Receipts, full)!.Fates);
        Assert.False(Decodes(LearningCodecs.Receipts, Forged(longer, 0, longer[0])));
    }

    [Fact]
    public void Cut_and_flipped_receipts_are_refused()
    {
        Refuses(LearningCodecs.Receipts, Answer);
        Refuses(LearningCodecs.Receipts, Nothing);
    }

    [Fact]
    public void A_receipt_with_any_one_byte_changed_is_refused_or_is_another_receipt()
    {
        Survives(LearningCodecs.Receipts, Answer);
        Survives(LearningCodecs.Receipts, Nothing);
    }

    [Theory]
    [InlineData(FatesAt, 1)]            // the newest is not the newest
    [InlineData(FatesAt + 2, 0)]        // twice the same
    [InlineData(FatesAt + 2, 5)]        // the next one is newer
    [InlineData(FatesAt + 4, 64)]       // farther back than is remembered
    [InlineData(FatesAt + 1, 3)]        // an unknown outcome
    [InlineData(FatesAt + 1, 255)]
    [InlineData(FatesAt + 1, 2)]        // refused, but no reason
    [InlineData(FatesAt + 5, 1)]        // a reason, but not refused
    [InlineData(ReasonAt, 0)]           // an empty reason
    [InlineData(ReasonAt, 5)]
    [InlineData(ReasonAt + 2, 0xFF)]    // no UTF-8
    [InlineData(CountAt, 2)]
    [InlineData(CountAt, 4)]
    [InlineData(CountAt, 65)]
    [InlineData(CountAt - 1, 0x80)]     // a version below 0
    public void A_malformed_list_is_refused(int offset, int value) =>
        Assert.False(Decodes(LearningCodecs.Receipts, Forged(Encoded(LearningCodecs.Receipts, Answer), offset, (byte)value)));

    [Fact]
    public void A_reason_of_more_than_sixty_four_bytes_is_refused()
    {
        static Receipt Of(int bytes) => Nothing with { Fates = [new(1, UpdateOutcome.Refused, new('x', bytes))] };
        Assert.Equal(Of(64).Fates, Same(LearningCodecs.Receipts, Of(64))!.Fates);
        Assert.False(Decodes(LearningCodecs.Receipts, Encoded(LearningCodecs.Receipts, Of(65))));
    }

    [Fact]
    public void One_kind_is_not_read_as_the_other()
    {
        var presence = new Presence { Device = "pump-7", Epoch = 5, Kind = PresenceKind.Hello };
        Assert.False(Decodes(LearningCodecs.Receipts, Encoded(LearningCodecs.Presences, presence)));
        Assert.False(Decodes(LearningCodecs.Presences, Encoded(LearningCodecs.Receipts, Nothing)));
    }

    [Fact]
    public void A_fate_is_found_by_its_number_and_a_later_receipt_replaces_an_earlier_one_of_its_aggregator()
    {
        Assert.Equal(new UpdateFate(3, UpdateOutcome.Refused, "norm"), Answer.FateOf(3));
        Assert.Null(Answer.FateOf(4));
        Assert.Equal("edge", Answer.ReplacementKey);
        Assert.ThrowsAny<ArgumentException>(() => Answer with { Device = "" });
        Assert.ThrowsAny<ArgumentException>(() => Answer with { Aggregator = new('x', 257) });
    }

    private static UpdateFate Some(UpdateOutcome outcome, long sequence) =>
        new(sequence, outcome, outcome == UpdateOutcome.Refused ? "late-round" : null);
}
