using System.Buffers;
using System.Text;
using FsCheck;

namespace StreamLearn.Learning.Tests;

public sealed class LearningCodecsTests
{
    private static readonly Weights Model = new()
    {
        Version = 3,
        SchemaHash = 0x0102030405060708,
        Values = [1f, -2.5f, float.NaN],
        Scale = new(2, [10], [0.5]),
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
    };

    [Fact]
    public void Weights_have_their_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "01" + "0100" + "0300000000000000" + "0807060504030201" + "03000000" + "0000803F" + "000020C0" + "0000C0FF"
        + "01000000" + "0200000000000000" + "0000000000002440" + "000000000000E03F" + "BB12DEF3",
        Convert.ToHexString(Encoded(LearningCodecs.Weights, Model)));

    [Fact]
    public void A_delta_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "02" + "0300" + "0600" + "70756D702D37"
        + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0807060504030201" + "40000000" + "04000000" + "0000C03F"
        + "02000000" + "0000803E" + "0000807F"
        + "02000000" + "0500000000000000" + "000000000000F03F" + "0000000000000040" + "0000000000000840" + "0000000000001040" + "EAA210E2",
        Convert.ToHexString(Encoded(LearningCodecs.Deltas, Update)));

    [Fact]
    public void The_checksum_is_Castagnoli() => Assert.Equal(0xE3069283, Crc32C.Of("123456789"u8));

    [Fact]
    public void Any_weights_come_back_as_they_went() =>
        Any.Of<(long Version, ulong Hash, float[] Values, bool Scaled, double[] Mean)>(11, 13, sample =>
        {
            var sent = new Weights
            {
                Version = sample.Version & long.MaxValue,
                SchemaHash = sample.Hash,
                Values = [.. sample.Values],
                Scale = sample.Scaled ? new(sample.Version & 0xFFFF, [.. sample.Mean], [.. sample.Mean.Reverse()]) : null,
            };
            return Same(LearningCodecs.Weights, sent) is { } got
                && got.Version == sent.Version && got.SchemaHash == sent.SchemaHash && got.Sha256() == sent.Sha256()
                && SameMoments(got.Scale, sent.Scale);
        });

    [Fact]
    public void Any_delta_comes_back_as_it_went() =>
        Any.Of<(NonEmptyString Device, long[] Numbers, float[] Values, double[] Mean, bool Leaving)>(17, 19, sample =>
        {
            var numbers = sample.Numbers.Concat([1L, 2, 3, 4, 5]).ToArray();
            var sent = new WeightDelta
            {
                Device = Convert.ToHexString(Encoding.UTF8.GetBytes(sample.Device.Get))[..2] + "é",
                Epoch = numbers[0],
                Sequence = numbers[1],
                BaseVersion = numbers[2],
                SchemaHash = (ulong)numbers[3],
                Samples = (int)numbers[4] & int.MaxValue,
                Values = [.. sample.Values],
                Moments = sample.Mean.Length == 0 ? null : new(7, [.. sample.Mean], [.. sample.Mean]),
                Steps = 3,
                Loss = sample.Values.FirstOrDefault(),
                Leaving = sample.Leaving,
            };
            return Same(LearningCodecs.Deltas, sent) is { } got
                && got.Device == sent.Device && got.Epoch == sent.Epoch && got.Sequence == sent.Sequence
                && got.BaseVersion == sent.BaseVersion
                && got.SchemaHash == sent.SchemaHash && got.Samples == sent.Samples && got.Steps == sent.Steps
                && got.Leaving == sent.Leaving
                && got.Loss.Equals(sent.Loss) && SameBits(got.Values, sent.Values) && SameMoments(got.Moments, sent.Moments);
        });

    [Fact]
    public void A_message_that_is_cut_anywhere_or_has_any_one_bit_flipped_is_refused()
    {
        Refuses(LearningCodecs.Weights, Model);
        Refuses(LearningCodecs.Deltas, Update);
    }

    [Theory]
    [InlineData(24, 0x7FFFFFFF), InlineData(24, -1), InlineData(24, 4), InlineData(40, 0x40000000)]
    [InlineData(40, -2)]
    public void A_length_that_the_message_does_not_hold_is_refused_behind_a_right_checksum(int offset, int length)
    {
        var bytes = Encoded(LearningCodecs.Weights, Model);
        Assert.False(Decodes(LearningCodecs.Weights, Forged(bytes, offset, BitConverter.GetBytes(length))));
    }

    [Fact]
    public void Bytes_left_over_are_refused_behind_a_right_checksum()
    {
        var bytes = Encoded(LearningCodecs.Weights, Model with { Scale = null });
        Assert.False(Decodes(LearningCodecs.Weights, Forged([.. bytes[..^4], 0, 0, 0, 0, 0, 0, 0, 0], 0)));
    }

    [Fact]
    public void One_kind_is_not_read_as_the_other()
    {
        Assert.False(Decodes(LearningCodecs.Deltas, Encoded(LearningCodecs.Weights, Model)));
        Assert.False(Decodes(LearningCodecs.Weights, Encoded(LearningCodecs.Deltas, Update)));
    }

    [Fact]
    public void A_message_in_pieces_is_read()
    {
        var bytes = Encoded(LearningCodecs.Deltas, Update);
        var first = new Piece(bytes.AsMemory(0, 10), 0);
        var last = first.Then(bytes.AsMemory(10));
        Assert.True(LearningCodecs.Deltas.TryDecode(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length), Pool, out var got));
        Assert.Equal("pump-7", got.Device);
    }

    private static bool SameMoments(ChannelMoments? a, ChannelMoments? b) =>
        (a is null && b is null) || (a is not null && b is not null && a.Count == b.Count && a.Mean.SequenceEqual(b.Mean)
            && a.M2.SequenceEqual(b.M2));

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        internal Piece(ReadOnlyMemory<byte> memory, long start) => (Memory, RunningIndex) = (memory, start);

        internal Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
