namespace StreamLearn.Learning.Tests;

/// <summary>The parts of frames that came with receipts: versions held, epochs, waits for credit.</summary>
public sealed class CreditPartsTests
{
    private static readonly Weights Model = new() { Version = 3, Epoch = 4, SchemaHash = 0x0102030405060708, Values = [1f] };
    private static readonly Presence Held = new() { Device = "pump-7", Epoch = 5, Kind = PresenceKind.Holding, Held = new(2, 9) };

    private static readonly WeightDelta Update = new()
    {
        Device = "pump-7",
        Epoch = 1,
        Sequence = 2,
        BaseVersion = 3,
        Samples = 64,
        SchemaHash = 0x0102030405060708,
        Values = [0.25f],
        Steps = 4,
        Loss = 1.5f,
        BaseEpoch = 7,
        CreditWait = TimeSpan.FromSeconds(1),
        Held = new(7, 8),
        IsResent = true,
    };

    [Fact]
    public void A_version_of_a_later_aggregator_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "01" + "0020" + "0300000000000000" + "0807060504030201" + "01000000" + "0000803F"
        + "0400000000000000" + "51A6646E",
        Convert.ToHexString(Encoded(LearningCodecs.Weights, Model)));

    [Fact]
    public void A_presence_that_says_what_it_holds_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "03" + "0010" + "0600" + "70756D702D37" + "0500000000000000" + "03"
        + "0200000000000000" + "0900000000000000" + "2D355D34",
        Convert.ToHexString(Encoded(LearningCodecs.Presences, Held)));

    [Fact]
    public void An_update_under_credit_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "02" + "0058" + "0600" + "70756D702D37"
        + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0807060504030201" + "40000000" + "04000000" + "0000C03F"
        + "01000000" + "0000803E" + "0700000000000000" + "8096980000000000" + "0700000000000000" + "0800000000000000" + "9CE1FD03",
        Convert.ToHexString(Encoded(LearningCodecs.Deltas, Update)));

    [Fact]
    public void Each_part_comes_back_alone_as_it_went()
    {
        var plain = Update with { BaseEpoch = 0, CreditWait = default, Held = null, IsResent = false };
        WeightDelta[] updates = [plain, plain with { BaseEpoch = -1 }, plain with { CreditWait = TimeSpan.FromTicks(1) },
            plain with { Held = new(0, 0) }, plain with { Held = new(-5, 3) }, plain with { IsResent = true }, Update];
        Assert.All(updates, u => Assert.Equal(u, Same(LearningCodecs.Deltas, u)! with { Values = u.Values }));
        Assert.Equal(Model, Same(LearningCodecs.Weights, Model)! with { Values = Model.Values, Directives = Model.Directives });
        foreach (var kind in Enum.GetValues<PresenceKind>())
        {
            Assert.Equal(Held with { Kind = kind }, Same(LearningCodecs.Presences, Held with { Kind = kind }));
            Assert.Null(Same(LearningCodecs.Presences, Held with { Kind = kind, Held = null })!.Held);
        }
    }

    [Fact]
    public void Who_a_version_is_for_does_not_travel() => Assert.Equal(
        Encoded(LearningCodecs.Weights, Model), Encoded(LearningCodecs.Weights, Model with { Recipient = "pump-7" }));

    [Fact]
    public void Messages_without_the_new_parts_have_no_byte_more()
    {
        Assert.Equal(8 + 8 + 8 + 8 + 4, Encoded(LearningCodecs.Weights, Model with { Epoch = 0 }).Length);
        Assert.Equal(8 + 8 + 9 + 4, Encoded(LearningCodecs.Presences, Held with { Held = null }).Length);
        Assert.Equal(8 + 8 + 44 + 8 + 4,
            Encoded(LearningCodecs.Deltas, Update with { BaseEpoch = 0, CreditWait = default, Held = null, IsResent = false }).Length);
    }

    [Fact]
    public void Cut_and_flipped_messages_are_refused()
    {
        Refuses(LearningCodecs.Weights, Model);
        Refuses(LearningCodecs.Presences, Held);
        Refuses(LearningCodecs.Deltas, Update);
    }

    [Fact]
    public void A_message_with_any_one_byte_changed_is_refused_or_is_another_message()
    {
        Survives(LearningCodecs.Weights, Model);
        Survives(LearningCodecs.Presences, Held);
        Survives(LearningCodecs.Deltas, Update);
    }

    [Fact]
    public void Versions_and_waits_below_zero_are_refused()
    {
        Assert.False(Decodes(LearningCodecs.Presences, Encoded(LearningCodecs.Presences, Held with { Held = new(2, -1) })));
        Assert.False(Decodes(LearningCodecs.Deltas, Encoded(LearningCodecs.Deltas, Update with { Held = new(2, -1) })));
        Assert.False(Decodes(LearningCodecs.Deltas, Encoded(LearningCodecs.Deltas, Update with { CreditWait = TimeSpan.FromTicks(-1) })));
    }
}
