using System.Buffers;
using FsCheck;

namespace StreamLearn.Learning.Tests;

public sealed class ExitPlanCodecTests
{
    private static readonly ExitPlan Plan = new()
    {
        SchemaHash = 0x0102030405060708,
        ModelVersion = 3,
        Chosen = 1,
        Curve = new()
        {
            Measure = ExitMeasure.Margin,
            Temperature = 1.5f,
            FullAccuracy = 0.5,
            Points = [new([0.25f], 0.25, 0.5, [1, 0]), new([float.PositiveInfinity], 0.5, 1, [0, 1])],
        },
    };

    [Fact]
    public void A_plan_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "07" + "0000" + "0807060504030201" + "0300000000000000" + "01000000" + "02" + "0000C03F" + "000000000000E03F"
        + "02000000"
        + "01000000" + "0000803E" + "000000000000D03F" + "000000000000E03F" + "000000000000F03F" + "0000000000000000"
        + "01000000" + "0000807F" + "000000000000E03F" + "000000000000F03F" + "0000000000000000" + "000000000000F03F" + "C884119B",
        Convert.ToHexString(Encoded(Plan)));

    [Fact]
    public void Any_plan_comes_back_as_it_went() =>
        Any.Of<(ulong Hash, NonNegativeInt Version, PositiveInt Points, float[] Thresholds, byte Measure)>(31, 37, sample =>
        {
            var thresholds = sample.Thresholds.Select(t => float.IsNaN(t) ? 0 : t).ToImmutableArray();
            var count = sample.Points.Get % 9 + 1;
            var shares = Enumerable.Repeat(1.0 / (thresholds.Length + 1), thresholds.Length + 1).ToImmutableArray();
            var sent = new ExitPlan
            {
                SchemaHash = sample.Hash,
                ModelVersion = sample.Version.Get,
                Chosen = count - 1,
                Curve = new()
                {
                    Measure = (ExitMeasure)(sample.Measure % 3),
                    Temperature = 1 + sample.Measure,
                    FullAccuracy = 1,
                    Points = [.. Enumerable.Range(1, count).Select(i => new ExitPoint(thresholds, i / 20.0, i / 10.0, shares))],
                },
            };
            return Decoded(Encoded(sent)) == sent;
        });

    [Fact]
    public void A_cut_plan_and_one_with_a_bit_flipped_are_refused() => Refuses(LearningCodecs.ExitPlans, Plan);

    [Fact]
    public void Plans_that_cannot_be_followed_are_refused()
    {
        var curve = Plan.Curve;
        ExitCurve[] wrong =
        [
            curve with { Points = [] }, curve with { Points = [curve.Points[1], curve.Points[0]] },
            curve with { Points = [curve.Points[0], curve.Points[0]] },
            curve with { Points = [curve.Points[0], curve.Points[1] with { Thresholds = [1, 1], Shares = [0, 0, 1] }] },
            curve with { Points = [curve.Points[0], curve.Points[1] with { Thresholds = [float.NaN] }] },
            curve with { Points = [curve.Points[0], curve.Points[1] with { WorkFraction = 1.5 }] },
            curve with { Points = [curve.Points[0], curve.Points[1] with { Accuracy = double.NaN }] },
            curve with { Points = [curve.Points[0], curve.Points[1] with { Shares = [-1, 1] }] },
            curve with { Temperature = 0 }, curve with { Temperature = float.NaN }, curve with { FullAccuracy = 2 },
            curve with { Measure = (ExitMeasure)3 },
        ];

        Assert.Equal(Plan, Decoded(Encoded(Plan)));
        Assert.All(wrong, w => Assert.Null(Decoded(Encoded(Plan with { Curve = w }))));
        Assert.Null(Decoded(Encoded(Plan with { Chosen = 2 })));
        Assert.Null(Decoded(Encoded(Plan with { Chosen = -1 })));
        Assert.Null(Decoded(Encoded(Plan with { ModelVersion = -1 })));
    }

    [Theory, InlineData(41, 0x7FFFFFFF), InlineData(41, -1), InlineData(45, 0x7FFFFFFF), InlineData(45, -1)]
    public void A_length_that_the_plan_does_not_hold_is_refused_behind_a_right_checksum(int offset, int length) =>
        Assert.Null(Decoded(Forged(Encoded(Plan), offset, BitConverter.GetBytes(length))));

    private static byte[] Encoded(ExitPlan plan) => Frames.Encoded(LearningCodecs.ExitPlans, plan);

    private static ExitPlan? Decoded(byte[] bytes) =>
        LearningCodecs.ExitPlans.TryDecode(new ReadOnlySequence<byte>(bytes), Pool, out var plan) ? plan : null;
}
