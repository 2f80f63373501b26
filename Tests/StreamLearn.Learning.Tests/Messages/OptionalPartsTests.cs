using FsCheck;

namespace StreamLearn.Learning.Tests;

/// <summary>The parts of frames that came later: invitations, directives, round times, presence.</summary>
public sealed class OptionalPartsTests
{
    private const int InvitedAt = 68;       // after the golden values and moments
    private const int DirectivesAt = 81;

    private static readonly Directive Everything = new()
    {
        Device = "pa",
        StepsPerUpdate = 8,
        BatchRows = 32,
        LearningRate = 0.1f,
        Proximal = 0.5f,
        RoundTime = TimeSpan.FromSeconds(50),
    };

    private static readonly Weights Model = new()
    {
        Version = 3,
        SchemaHash = 0x0102030405060708,
        Values = [1f, -2.5f, float.NaN],
        Scale = new(2, [10], [0.5]),
        Invited = ["pa", "bé"],
        Directives = [Everything, Directive.Unchanged],
    };

    private static readonly WeightDelta Update = new()
    {
        Device = "pump-7",
        Epoch = 1,
        Sequence = 2,
        BaseVersion = 3,
        Samples = 64,
        SchemaHash = 0x0102030405060708,
        Values = [0.25f, float.PositiveInfinity],
        Moments = new(5, [1, 2], [3, 4]),
        Steps = 4,
        Loss = 1.5f,
        Leaving = true,
        RoundTime = TimeSpan.FromSeconds(1),
    };

    private static readonly Presence Beat = new() { Device = "pump-7", Epoch = 5, Kind = PresenceKind.Heartbeat };

    [Fact]
    public void Invitations_and_directives_have_their_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "01" + "0D00" + "0300000000000000" + "0807060504030201" + "03000000" + "0000803F" + "000020C0" + "0000C0FF"
        + "01000000" + "0200000000000000" + "0000000000002440" + "000000000000E03F"
        + "02000000" + "0200" + "7061" + "0300" + "62C3A9"
        + "02000000" + "3F000000" + "0200" + "7061" + "08000000" + "20000000" + "CDCCCC3D" + "0000003F" + "0065CD1D00000000"
        + "00000000" + "308D1A67",
        Convert.ToHexString(Encoded(LearningCodecs.Weights, Model)));

    [Fact]
    public void A_round_time_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "02" + "1300" + "0600" + "70756D702D37"
        + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0807060504030201" + "40000000" + "04000000" + "0000C03F"
        + "02000000" + "0000803E" + "0000807F"
        + "02000000" + "0500000000000000" + "000000000000F03F" + "0000000000000040" + "0000000000000840" + "0000000000001040"
        + "8096980000000000" + "EF4D5538",
        Convert.ToHexString(Encoded(LearningCodecs.Deltas, Update)));

    [Fact]
    public void Presence_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "03" + "0000" + "0600" + "70756D702D37" + "0500000000000000" + "01" + "E53AA81A",
        Convert.ToHexString(Encoded(LearningCodecs.Presences, Beat)));

    [Fact]
    public void Any_invitations_and_directives_come_back_as_they_went() =>
        Any.Of<(NonEmptyString[] Invited, bool All, (byte Parts, int Number, float Real, long Ticks)[] Directives)>(23, 29, sample =>
        {
            var sent = Model with
            {
                Invited = sample.All ? null : [.. sample.Invited.Select(Name)],
                Directives = [.. sample.Directives.Select(d => Some(d.Parts, d.Number, d.Real, d.Ticks))],
            };
            return Same(LearningCodecs.Weights, sent) is { } got && got.Directives.SequenceEqual(sent.Directives)
                && got.Invited.HasValue == sent.Invited.HasValue
                && (sent.Invited is null || sent.Invited.Value.SequenceEqual(got.Invited!.Value));
        });

    [Fact]
    public void Any_presence_and_round_time_come_back_as_they_went() =>
        Any.Of<(NonEmptyString Device, long Epoch, PresenceKind Kind, long Ticks)>(31, 37, sample =>
        {
            var presence = new Presence { Device = Name(sample.Device), Epoch = sample.Epoch, Kind = sample.Kind };
            var update = Update with { RoundTime = TimeSpan.FromTicks(sample.Ticks & long.MaxValue) };
            return Same(LearningCodecs.Presences, presence) == presence
                && Same(LearningCodecs.Deltas, update)?.RoundTime == update.RoundTime;
        });

    [Fact]
    public void Steps_taken_back_come_back_as_they_went_and_are_no_more_than_the_steps()
    {
        foreach (var count in (int[])[0, 1, 4])
        {
            Assert.Equal(count, Same(LearningCodecs.Deltas, Update with { RolledBack = count })!.RolledBack);
        }
        Assert.False(Decodes(LearningCodecs.Deltas, Encoded(LearningCodecs.Deltas, Update with { RolledBack = 5 })));
        Refuses(LearningCodecs.Deltas, Update with { RolledBack = 3 });
    }

    [Fact]
    public void Cut_and_flipped_messages_are_refused()
    {
        Refuses(LearningCodecs.Weights, Model);
        Refuses(LearningCodecs.Deltas, Update);
        Refuses(LearningCodecs.Presences, Beat);
    }

    [Theory]
    [InlineData(InvitedAt, 0x7FFFFFFF)]
    [InlineData(InvitedAt, -1)]
    [InlineData(InvitedAt, 3)]
    [InlineData(InvitedAt, 1)]
    [InlineData(DirectivesAt, 0x7FFFFFFF)]
    [InlineData(DirectivesAt, -1)]
    [InlineData(DirectivesAt, 3)]
    [InlineData(DirectivesAt, 1)]
    public void A_count_that_the_message_does_not_hold_is_refused(int offset, int count)
    {
        var bytes = Encoded(LearningCodecs.Weights, Model);
        Assert.Equal(2, BitConverter.ToInt32(bytes, offset));
        Assert.False(Decodes(LearningCodecs.Weights, Forged(bytes, offset, BitConverter.GetBytes(count))));
    }

    [Fact]
    public void A_count_reserves_nothing_that_the_message_could_not_hold()
    {
        var bytes = Forged(Encoded(LearningCodecs.Weights, Model), DirectivesAt, BitConverter.GetBytes(50_000_000));
        Decodes(LearningCodecs.Weights, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Decodes(LearningCodecs.Weights, bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Theory, InlineData(TrainPace.Free), InlineData(TrainPace.LockStep)]
    public void A_pace_comes_back(TrainPace pace)
    {
        var sent = Model with { Directives = [new() { Pace = pace, StepsPerUpdate = 3 }] };
        var bytes = new System.Buffers.ReadOnlySequence<byte>(Encoded(LearningCodecs.Weights, sent));
        Assert.True(LearningCodecs.Weights.TryDecode(bytes, new(), out var read));
        Assert.Equal(sent.Directives, read.Directives);
    }

    [Fact]
    public void A_directive_out_of_its_range_is_refused()
    {
        Directive[] wrong =
        [
            new() { StepsPerUpdate = 0 }, new() { StepsPerUpdate = -1 }, new() { BatchRows = 0 }, new() { LearningRate = 0 },
            new() { LearningRate = -1 }, new() { LearningRate = float.NaN }, new() { LearningRate = float.PositiveInfinity },
            new() { Proximal = -0.1f }, new() { Proximal = float.NaN }, new() { Proximal = float.PositiveInfinity },
            new() { RoundTime = TimeSpan.Zero }, new() { RoundTime = TimeSpan.FromTicks(-1) },
            new() { Pace = (TrainPace)2 }, new() { Pace = (TrainPace)(-1) },
        ];
        Assert.All(wrong, d => Assert.False(d.IsValid));
        Assert.All(
            wrong, d => Assert.False(Decodes(LearningCodecs.Weights, Encoded(LearningCodecs.Weights, Model with { Directives = [d] }))));
        Assert.True(Everything.IsValid && Directive.Unchanged.IsValid);
    }

    [Fact]
    public void Unknown_parts_kinds_and_flags_are_refused()
    {
        var (weights, presence) = (Encoded(LearningCodecs.Weights, Model), Encoded(LearningCodecs.Presences, Beat));
        Assert.False(Decodes(LearningCodecs.Weights, Forged(weights, DirectivesAt + 4, 0x7F)));
        Assert.False(Decodes(LearningCodecs.Weights, Forged(weights, 6, 0x2D)));
        Assert.False(Decodes(LearningCodecs.Presences, Forged(presence, presence.Length - 5, 5)));
        Assert.False(Decodes(LearningCodecs.Presences, Forged(presence, 6, 2)));
        Assert.False(Decodes(LearningCodecs.Presences, Encoded(LearningCodecs.Weights, Model)));
    }

    [Fact]
    public void A_negative_round_time_is_refused() => Assert.False(
        Decodes(LearningCodecs.Deltas, Encoded(LearningCodecs.Deltas, Update with { RoundTime = TimeSpan.FromTicks(-1) })));

    [Fact]
    public void Nobody_invited_is_not_everybody_invited()
    {
        Assert.Empty(Same(LearningCodecs.Weights, Model with { Invited = ImmutableArray<string>.Empty })!.Invited!.Value);
        Assert.Null(Same(LearningCodecs.Weights, Model with { Invited = null })!.Invited);
    }

    [Fact]
    public void A_name_that_no_message_can_carry_is_refused_when_it_is_given()
    {
        foreach (var name in new[] { "", new string('x', 257), new string('é', 129) })
        {
            Assert.ThrowsAny<ArgumentException>(() => Model with { Invited = [name] });
            Assert.ThrowsAny<ArgumentException>(() => Everything with { Device = name });
            Assert.ThrowsAny<ArgumentException>(() => Beat with { Device = name });
            Assert.ThrowsAny<ArgumentException>(() => Update with { Device = name });
        }
        Assert.NotNull(Same(LearningCodecs.Presences, Beat with { Device = new('x', 256) }));
    }

    private static Directive Some(byte parts, int number, float real, long ticks) => new()
    {
        Device = (parts & 1) == 0 ? null : $"d{number}",
        StepsPerUpdate = (parts & 2) == 0 ? null : Math.Max(1, number),
        BatchRows = (parts & 4) == 0 ? null : Math.Max(1, -(long)number) is var rows ? (int)Math.Min(rows, int.MaxValue) : null,
        LearningRate = (parts & 8) == 0 ? null : float.IsFinite(real) && real != 0 ? MathF.Abs(real) : 1,
        Proximal = (parts & 16) == 0 ? null : float.IsFinite(real) ? MathF.Abs(real) : 0,
        RoundTime = (parts & 32) == 0 ? null : TimeSpan.FromTicks(Math.Max(1, ticks)),
    };

    private static string Name(NonEmptyString text) => "é" + Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text.Get))[..2];
}
