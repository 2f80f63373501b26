using FsCheck;

namespace StreamLearn.Learning.Tests;

/// <summary>The messages of split training as bytes.</summary>
public sealed class SplitCodecsTests
{
    private const int RowsAt = 52;          // in the golden activations
    private const int LabelsAt = 76;
    private const int PartValuesAt = 100;
    private static readonly ModelPart Part = new() { First = 1, End = 3, Values = [0.25f], State = [float.NaN, 2] };

    private static readonly Activations Forward = new()
    {
        Device = "pump-7",
        Epoch = 1,
        Sequence = 2,
        Split = 3,
        SchemaHash = 0x0102030405060708,
        WeightsVersion = 4,
        Rows = 2,
        Values = [1f, -2.5f, float.NaN, 0],
        Labels = [5, -1],
        MoveTo = 1,
        Part = Part,
    };

    private static readonly BoundaryGradients Back = new()
    {
        Device = "pump-7",
        Epoch = 1,
        Sequence = 2,
        Split = 3,
        SchemaHash = 0x0102030405060708,
        Values = [0.25f, float.PositiveInfinity],
        Loss = 1.5f,
        Part = Part,
    };

    private static readonly SplitPlan Plan = new() { Split = 3, FromSequence = 9, Device = "pa" };

    [Fact]
    public void Activations_have_their_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "04" + "E000" + "0600" + "70756D702D37"
        + "0100000000000000" + "0200000000000000" + "03000000" + "0807060504030201" + "0400000000000000" + "02000000"
        + "04000000" + "0000803F" + "000020C0" + "0000C0FF" + "00000000"
        + "02000000" + "05000000" + "FFFFFFFF" + "01000000"
        + "01000000" + "03000000" + "01000000" + "0000803E" + "02000000" + "0000C0FF" + "00000040" + "97A7678A",
        Convert.ToHexString(Encoded(LearningCodecs.Activations, Forward)));

    [Fact]
    public void Gradients_of_a_step_that_was_not_applied_come_back_as_they_went()
    {
        var sent = Back with { RolledBack = true, Values = [], Part = null, Loss = 0 };
        var got = Same(LearningCodecs.BoundaryGradients, sent)!;
        Assert.Equal(sent with { Values = [] }, got with { Values = [] });
        Assert.Empty(got.Values);
        Assert.False(Same(LearningCodecs.BoundaryGradients, Back)!.RolledBack);
    }

    [Fact]
    public void Gradients_have_their_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "05" + "8000" + "0600" + "70756D702D37"
        + "0100000000000000" + "0200000000000000" + "03000000" + "0807060504030201"
        + "02000000" + "0000803E" + "0000807F" + "0000C03F"
        + "01000000" + "03000000" + "01000000" + "0000803E" + "02000000" + "0000C0FF" + "00000040" + "BD4A7D42",
        Convert.ToHexString(Encoded(LearningCodecs.BoundaryGradients, Back)));

    [Fact]
    public void A_plan_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "06" + "0001" + "03000000" + "0900000000000000" + "0200" + "7061" + "7EAC54ED",
        Convert.ToHexString(Encoded(LearningCodecs.SplitPlans, Plan)));

    [Fact]
    public void Any_activations_come_back_as_they_went() =>
        Any.Of<(long Number, float[] Values, int[] Labels, int? MoveTo, bool Moves)>(31, 37, sample =>
        {
            var sent = Forward with
            {
                Epoch = sample.Number,
                Sequence = ~sample.Number,
                Split = (int)sample.Number,
                WeightsVersion = sample.Number * 3,
                Rows = sample.Labels.Length,
                Values = [.. sample.Values],
                Labels = [.. sample.Labels],
                MoveTo = sample.MoveTo,
                Part = sample.Moves ? new() { First = 4, End = 9, Values = [.. sample.Values], State = [7] } : null,
            };
            return Same(LearningCodecs.Activations, sent) is { } got && SameBits(sent.Values, got.Values)
                && sent.Labels.SequenceEqual(got.Labels) && SamePart(sent.Part, got.Part)
                && got with { Values = [], Labels = [], Part = null } == sent with { Values = [], Labels = [], Part = null };
        });

    [Fact]
    public void Any_gradients_come_back_as_they_went() => Any.Of<(long Number, float Loss, float[] Values, bool Moves)>(41, 43, sample =>
    {
        var sent = Back with
        {
            Epoch = sample.Number,
            Sequence = ~sample.Number,
            Split = (int)sample.Number,
            SchemaHash = (ulong)sample.Number,
            Values = [.. sample.Values],
            Loss = sample.Loss,
            Part = sample.Moves ? new() { First = 4, End = 9, Values = [7], State = [.. sample.Values] } : null,
        };
        return Same(LearningCodecs.BoundaryGradients, sent) is { } got && SameBits(sent.Values, got.Values) && SamePart(sent.Part, got.Part)
            && got with { Values = [], Part = null } == sent with { Values = [], Part = null };
    });

    [Fact]
    public void Any_plan_comes_back_as_it_went() => Any.Of<(NonNegativeInt Split, long From, bool All)>(47, 53, sample =>
    {
        var sent = new SplitPlan { Split = sample.Split.Get, FromSequence = sample.From, Device = sample.All ? null : "é" };
        return Same(LearningCodecs.SplitPlans, sent) == sent;
    });

    [Fact]
    public void A_message_that_is_cut_anywhere_or_has_any_one_bit_flipped_is_refused()
    {
        Refuses(LearningCodecs.Activations, Forward);
        Refuses(LearningCodecs.BoundaryGradients, Back);
        Refuses(LearningCodecs.SplitPlans, Plan);
    }

    [Theory]
    [InlineData(RowsAt, -1)]
    [InlineData(LabelsAt, 0x7FFFFFFF)]
    [InlineData(LabelsAt, -1)]
    [InlineData(LabelsAt, 1)]
    [InlineData(PartValuesAt, 0x7FFFFFFF)]
    [InlineData(PartValuesAt, -1)]
    [InlineData(PartValuesAt, 0)]
    public void A_number_that_cannot_be_is_refused_behind_a_right_checksum(int offset, int number)
    {
        var bytes = Encoded(LearningCodecs.Activations, Forward);
        Assert.False(Decodes(LearningCodecs.Activations, Forged(bytes, offset, BitConverter.GetBytes(number))));
    }

    [Fact]
    public void A_split_before_the_first_layer_is_refused() => Assert.Null(Same(LearningCodecs.SplitPlans, Plan with { Split = -1 }));

    [Fact]
    public void One_kind_is_not_read_as_the_other()
    {
        Assert.False(Decodes(LearningCodecs.BoundaryGradients, Encoded(LearningCodecs.Activations, Forward)));
        Assert.False(Decodes(LearningCodecs.Activations, Encoded(LearningCodecs.BoundaryGradients, Back)));
        Assert.False(Decodes(LearningCodecs.SplitPlans, Encoded(LearningCodecs.BoundaryGradients, Back)));
    }

    [Fact]
    public void Only_a_batch_with_labels_has_their_bytes()
    {
        var labelled = Encoded(LearningCodecs.Activations, Forward);
        var without = Encoded(LearningCodecs.Activations, Forward with { Labels = [] });
        Assert.Equal(labelled.Length - 12, without.Length);
        Assert.Empty(Same(LearningCodecs.Activations, Forward with { Labels = [] })!.Labels);
    }

    private static bool SamePart(ModelPart? a, ModelPart? b) =>
        (a is null && b is null)
        || (a is not null && b is not null && a.First == b.First && a.End == b.End
            && SameBits(a.Values, b.Values) && SameBits(a.State, b.State));
}
