using System.Buffers;
using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Compression.Tests;

public sealed class BoundaryCodec8Tests
{
    private const int HeadBytes = 8;
    private const int ChecksumBytes = 4;
    private const int ValuesFrame = HeadBytes + 4 + 5 + 4 + ChecksumBytes;      // of four values
    private static readonly ModelPart Part = new() { First = 1, End = 3, Values = [0.1f], State = [float.NaN, 2] };

    private static readonly Activations Forward = new()
    {
        Device = "pump-7",
        Epoch = 1,
        Sequence = 2,
        Split = 3,
        SchemaHash = 0x0102030405060708,
        WeightsVersion = 4,
        Rows = 2,
        Values = [0, -0.5f, 2.05f, 0.013f],
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
        Values = [0.25f, 0],
        Loss = 1.5f,
        Part = Part,
    };

    [Fact]
    public void Activations_have_their_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "00" + "0000" + "04000000" + "0AD7233C" + "32" + "3200FF33" + "00A6DA7B"
        + "534C4D4C" + "01" + "04" + "E000" + "0600" + "70756D702D37"
        + "0100000000000000" + "0200000000000000" + "03000000" + "0807060504030201" + "0400000000000000" + "02000000" + "00000000"
        + "02000000" + "05000000" + "FFFFFFFF" + "01000000"
        + "01000000" + "03000000" + "01000000" + "CDCCCC3D" + "02000000" + "0000C0FF" + "00000040" + "E1FC3814",
        Convert.ToHexString(Encoded(CompressionCodecs.Activations8, Forward)));

    [Fact]
    public void Gradients_have_their_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "00" + "0000" + "02000000" + "8180803A" + "00" + "FF00" + "6E68B094"
        + "534C4D4C" + "01" + "05" + "8000" + "0600" + "70756D702D37"
        + "0100000000000000" + "0200000000000000" + "03000000" + "0807060504030201" + "00000000" + "0000C03F"
        + "01000000" + "03000000" + "01000000" + "CDCCCC3D" + "02000000" + "0000C0FF" + "00000040" + "D335C84B",
        Convert.ToHexString(Encoded(CompressionCodecs.BoundaryGradients8, Back)));

    [Fact]
    public void The_name_says_that_values_have_8_bits_and_the_number_says_what_the_message_is()
    {
        Assert.Equal(("activations8/1", LearningCodecs.Activations.Kind),
            (CompressionCodecs.Activations8.Name, CompressionCodecs.Activations8.Kind));
        Assert.Equal(("gradients8/1", LearningCodecs.BoundaryGradients.Kind),
            (CompressionCodecs.BoundaryGradients8.Name, CompressionCodecs.BoundaryGradients8.Kind));
    }

    [Fact]
    public void All_but_the_values_comes_back_as_it_went()
    {
        var forward = Same(CompressionCodecs.Activations8, Forward)!;
        var back = Same(CompressionCodecs.BoundaryGradients8, Back)!;
        Assert.Equal(Encoded(LearningCodecs.Activations, Forward with { Values = [] }),
            Encoded(LearningCodecs.Activations, forward with { Values = [] }));
        Assert.Equal(Encoded(LearningCodecs.BoundaryGradients, Back with { Values = [] }),
            Encoded(LearningCodecs.BoundaryGradients, back with { Values = [] }));
        Assert.Equal([0, -0.5f, 2.05f, 0.01f], forward.Values);
        Assert.Equal([0.25f, 0], back.Values);
    }

    [Fact]
    public void Values_that_cannot_be_8_bits_come_back_bit_for_bit()
    {
        float[][] all =
        [
            [], [3], [-0.1f, -0.1f], [0, -0f], [1, float.NaN], [float.NegativeInfinity, 1], [float.MaxValue, 0], [1e-38f, 2e-38f],
            [.. Enumerable.Repeat(1f, 100), float.NaN],
        ];
        Assert.All(all, values => Assert.Equal(
            values.Select(BitConverter.SingleToInt32Bits),
            Same(CompressionCodecs.Activations8, Forward with { Values = [.. values] })!.Values.Select(BitConverter.SingleToInt32Bits)));
    }

    [Fact]
    public void Any_other_message_is_off_by_half_a_step_and_keeps_its_zeros() => Check.One(
        Config.QuickThrowOnFailure.WithReplay(59, 61),
        Prop.ForAll(ArbMap.Default.ArbFor<(NormalFloat[] Values, bool IsPositive)>(), sample =>
        {
            float[] sent = [0, 1, .. sample.Values.Select(v => (float)v.Get).Select(v => sample.IsPositive ? Math.Abs(v) : v)
                .Where(static v => Math.Abs(v) < 1e30f)];
            var step = (sent.Max() - sent.Min()) / 255;
            var got = Same(CompressionCodecs.Activations8, Forward with { Values = [.. sent] })!.Values;
            return sent.Zip(got).All(pair => Math.Abs(pair.First - pair.Second) <= 1.001f * step
                    && (Math.Abs(pair.First - pair.Second) <= 0.501f * step || pair.First == sent.Max() || pair.First == sent.Min())
                    && (pair.First != 0 || pair.Second == 0));
        }));

    [Fact]
    public void A_message_that_is_cut_or_has_a_flipped_bit_is_refused()
    {
        Refuses(CompressionCodecs.Activations8, Forward);
        Refuses(CompressionCodecs.Activations8, Forward with { Values = [] });
        Refuses(CompressionCodecs.BoundaryGradients8, Back);
    }

    [Fact]
    public void A_message_with_any_byte_changed_is_refused_behind_a_right_checksum_or_is_one()
    {
        var bytes = Encoded(CompressionCodecs.Activations8, Forward);
        var content = bytes.AsSpan(HeadBytes, ValuesFrame - HeadBytes - ChecksumBytes);
        var comes = 0;
        for (var at = 0; at < content.Length; at++)
        {
            for (var other = 0; other < 256; other++)
            {
                var forged = content.ToArray();
                forged[at] = (byte)other;
                if (Read(CompressionCodecs.Activations8, [.. Framed(forged), .. bytes[ValuesFrame..]]) is not { } got) { continue; }
                comes++;
                Assert.NotNull(Same(CompressionCodecs.Activations8, got));
            }
        }

        Assert.InRange(comes, 256 * 5, 256 * 9);        // the zero point and the numbers are free, the scale nearly so, the count is not
    }

    [Theory]
    [InlineData(-1), InlineData(int.MinValue), InlineData(int.MaxValue), InlineData(int.MaxValue - 16)]
    [InlineData(5), InlineData(3), InlineData(0)]
    public void A_count_that_the_message_does_not_hold_is_refused(int count)
    {
        var bytes = Encoded(CompressionCodecs.Activations8, Forward);
        byte[] content = [.. BitConverter.GetBytes(count), .. bytes[(HeadBytes + 4)..(ValuesFrame - ChecksumBytes)]];
        Assert.Null(Read(CompressionCodecs.Activations8, [.. Framed(content), .. bytes[ValuesFrame..]]));
    }

    [Theory]
    [InlineData(0f), InlineData(-1f), InlineData(float.NaN), InlineData(float.PositiveInfinity)]
    [InlineData(1e-40f)]
    public void A_scale_that_cannot_be_is_refused(float scale)
    {
        var bytes = Encoded(CompressionCodecs.Activations8, Forward);
        byte[] content = [.. bytes[HeadBytes..(HeadBytes + 4)], .. BitConverter.GetBytes(scale), 50, 1, 2, 3, 4];
        Assert.Null(Read(CompressionCodecs.Activations8, [.. Framed(content), .. bytes[ValuesFrame..]]));
    }

    [Fact]
    public void Values_in_both_frames_are_refused()
    {
        var values = Encoded(CompressionCodecs.Activations8, Forward)[..ValuesFrame];
        Assert.Null(Read(CompressionCodecs.Activations8, [.. values, .. Encoded(LearningCodecs.Activations, Forward)]));
    }

    [Fact]
    public void One_codec_does_not_read_what_another_wrote()
    {
        Assert.Null(Read(CompressionCodecs.Activations8, Encoded(LearningCodecs.Activations, Forward)));
        Assert.Null(Read(LearningCodecs.Activations, Encoded(CompressionCodecs.Activations8, Forward)));
        Assert.Null(Read(CompressionCodecs.Activations8, Encoded(CompressionCodecs.BoundaryGradients8, Back)));
        Assert.Null(Read(CompressionCodecs.BoundaryGradients8, Encoded(CompressionCodecs.Activations8, Forward)));
    }

    private static void Refuses<T>(ICodec<T> codec, T value)
        where T : class
    {
        var bytes = Encoded(codec, value);
        Assert.NotNull(Read(codec, bytes));
        for (var length = 0; length < bytes.Length; length++) { Assert.Null(Read(codec, bytes[..length])); }
        Assert.Null(Read(codec, [.. bytes, 0]));
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Read(codec, flipped));
        }
    }

    /// <summary>A frame of this content, with a right checksum.</summary>
    private static byte[] Framed(byte[] content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var frame = new FrameFields(buffer, content.Length);
        content.CopyTo(frame.Space(content.Length));
        frame.End();
        return buffer.WrittenSpan.ToArray();
    }

    internal static byte[] Encoded<T>(ICodec<T> codec, T value) where T : class
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static T? Read<T>(ICodec<T> codec, byte[] bytes)
        where T : class => codec.TryDecode(new ReadOnlySequence<byte>(bytes), new(guard: true), out var got) ? got : null;

    private static T? Same<T>(ICodec<T> codec, T value) where T : class => Read(codec, Encoded(codec, value));
}
