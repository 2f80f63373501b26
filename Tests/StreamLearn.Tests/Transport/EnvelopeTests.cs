using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Tests;

public sealed class EnvelopeTests
{
    private static readonly Envelope Update = new(
        new("pump-7/publish", Sequence: 2, Epoch: 1),
        new(Round: 4, BaseVersion: 3, SchemaHash: 0x0102030405060708, EventTime: 1_000_000_007, TraceId: 0xA0A1A2A3A4A5A6A7))
    {
        Kind = 2,
        Flags = EnvelopeFlags.EdgeOnly,
        Run = "line-2",
        Codec = "delta/1",
        SentAt = 2_000_000_000,
    };

    [Fact]
    public void An_envelope_has_its_golden_bytes() => Assert.Equal(
        "534C4556" + "01" + "02" + "0100" + "0600" + "0E00" + "0700" + "0000"
        + "0100000000000000" + "0200000000000000" + "0400000000000000" + "0300000000000000" + "0807060504030201"
        + "07CA9A3B00000000" + "0094357700000000" + "0000000000000000A0A1A2A3A4A5A6A7" + "04000000" + "90D090E6"
        + "6C696E652D32" + "70756D702D372F7075626C697368" + "64656C74612F31" + "DEADBEEF",
        Convert.ToHexString(Written(Update, [0xDE, 0xAD, 0xBE, 0xEF])));

    [Fact]
    public void An_envelope_that_says_little_has_its_golden_bytes() => Assert.Equal(
        "534C4556" + "01" + "00" + "0000" + "0000" + "0100" + "0000" + "0000"
        + "0000000000000000" + "0000000000000000" + "FFFFFFFFFFFFFFFF" + "FFFFFFFFFFFFFFFF" + "0000000000000000"
        + "0000000000000080" + "0000000000000000" + "00000000000000000000000000000000" + "00000000" + "9D7225BD" + "61",
        Convert.ToHexString(Written(new(new("a", 0)), [])));

    [Fact]
    public void The_checksum_of_parts_is_that_of_the_whole()
    {
        var bytes = "123456789abcdef012345"u8;
        Assert.Equal(0xE3069283, Crc32C.Of(bytes[..9]));
        for (var cut = 0; cut <= bytes.Length; cut++) { Assert.Equal(Crc32C.Of(bytes), Crc32C.Of(Crc32C.Of(bytes[..cut]), bytes[cut..])); }
    }

    [Fact]
    public void Any_envelope_comes_back_as_it_went() => Check.One(
        Config.QuickThrowOnFailure.WithReplay(11, 13),
        Prop.ForAll(
            ArbMap.Default.ArbFor<(string[] Names, long[] Numbers, byte[] Payload, byte Kind, bool EdgeOnly, bool Tagged)>(),
            sample =>
            {
                var numbers = sample.Numbers.Select(n => n & long.MaxValue).Concat([1, 2, 3, 4, 5, 6, 7]).ToArray();
                var names = sample.Names.Select(Readable).Concat(["run", "source", "codec"]).ToArray();
                var tags = sample.Tagged
                    ? new MessageTags(numbers[2], numbers[3], (ulong)numbers[4], -numbers[5], new((ulong)numbers[0], (ulong)numbers[1]))
                    : default;
                var sent = new Envelope(new("s" + names[1], numbers[0], numbers[1]), tags)
                {
                    Kind = (byte)sample.Kind,
                    Flags = sample.EdgeOnly ? EnvelopeFlags.EdgeOnly : EnvelopeFlags.None,
                    Run = names[0],
                    Codec = names[2],
                    SentAt = -numbers[6],
                };
                var message = Written(sent, sample.Payload);
                return Envelope.TryRead(message, out var got, out int payloadAt) == EnvelopeFault.None
                    && got == sent && message.AsSpan(payloadAt).SequenceEqual(sample.Payload);
            }));

    [Fact]
    public void A_payload_in_pieces_has_the_same_header()
    {
        var first = new Piece(new byte[] { 1, 2, 3 }, 0);
        var last = first.Then(new byte[] { 4, 5 });
        var (whole, pieces) = (new byte[Envelope.MaxHeaderBytes], new byte[Envelope.MaxHeaderBytes]);

        Envelope.Write(Update, new([1, 2, 3, 4, 5]), whole);
        Envelope.Write(Update, new(first, 0, last, 2), pieces);

        Assert.Equal(whole, pieces);
        var bytes = Written(Update, [1, 2, 3, 4, 5]);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var start = new Piece(bytes.AsMemory(0, cut), 0);
            Assert.True(Envelope.TryRead(new(start, 0, start.Then(bytes.AsMemory(cut)), bytes.Length - cut), out var got, out var payload,
                out _));
            Assert.Equal(Update, got);
            Assert.Equal([1, 2, 3, 4, 5], payload.ToArray());
        }
    }

    [Fact]
    public void A_cut_message_is_refused_at_every_length()
    {
        var message = Written(Update, new byte[40]);
        for (var length = 0; length < message.Length; length++)
        {
            var fault = Read(message[..length]);
            Assert.Equal(length < Envelope.FixedBytes + 27 ? EnvelopeFault.Cut : EnvelopeFault.Length, fault);
        }
    }

    [Fact]
    public void A_message_with_any_one_bit_flipped_is_refused()
    {
        var message = Written(Update, [1, 2, 3]);
        for (var bit = 0; bit < 8 * message.Length; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(EnvelopeFault.None, Read(message));
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(0, 0x7B, (int)EnvelopeFault.Magic)]
    [InlineData(4, 2, (int)EnvelopeFault.Version)]
    [InlineData(6, 2, (int)EnvelopeFault.Flags)]
    [InlineData(14, 1, (int)EnvelopeFault.Flags)]
    [InlineData(9, 0xFF, (int)EnvelopeFault.Cut)]
    [InlineData(23, 0x80, (int)EnvelopeFault.Number)]
    [InlineData(31, 0x80, (int)EnvelopeFault.Number)]
    [InlineData(39, 0x80, (int)EnvelopeFault.Number)]
    [InlineData(47, 0x80, (int)EnvelopeFault.Number)]
    [InlineData(88, 3, (int)EnvelopeFault.Length)]
    [InlineData(91, 0x80, (int)EnvelopeFault.Length)]
    [InlineData(92, 0, (int)EnvelopeFault.Checksum)]
    [InlineData(96, 0x1B, (int)EnvelopeFault.Name)]
    [InlineData(100, 0xFF, (int)EnvelopeFault.Name)]
    public void What_is_wrong_has_its_own_reason(int at, byte value, int fault)
    {
        var expected = (EnvelopeFault)fault;
        var message = Written(Update, [1, 2, 3, 4]);
        message[at] = value;
        Assert.Equal(expected, Read(expected == EnvelopeFault.Checksum ? message : Resealed(message)));
    }

    [Fact]
    public void A_source_without_a_name_is_refused()
    {
        var message = Written(new(new("a", 0)), "b"u8.ToArray());
        message[10] = 0;        // the name becomes a part of the payload
        message[88] = 2;
        Assert.Equal(EnvelopeFault.Name, Read(Resealed(message)));
    }

    [Fact]
    public void A_name_that_is_too_long_is_refused_behind_a_right_checksum()
    {
        var message = Written(new(new("a", 0)), new byte[Envelope.MaxNameBytes]);
        message.AsSpan(Envelope.FixedBytes).Fill((byte)'x');
        BitConverter.TryWriteBytes(message.AsSpan(10), (ushort)(Envelope.MaxNameBytes + 1));
        BitConverter.TryWriteBytes(message.AsSpan(88), 0);
        Assert.Equal(EnvelopeFault.Name, Read(Resealed(message)));
    }

    [Fact]
    public void What_could_not_be_read_is_not_written()
    {
        var header = new byte[Envelope.MaxHeaderBytes];
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("", 0)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a\nb", 0)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a\u0085b", 0)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a\uD800", 0)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a", -1)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a", 0, -1)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a", 0), new(Round: -1)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a", 0), new(BaseVersion: -1)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new(new('é', 513), 0)), default, header));
        Assert.ThrowsAny<ArgumentException>(() => Envelope.Write(new(new("a", 0)), default, header.AsSpan(0, 96)));
    }

    [Fact]
    public void Mutated_messages_are_refused_or_read_and_nothing_else()
    {
        var random = new Random(7);
        var (good, refused) = (Written(Update, new byte[16]), 0);
        for (var i = 0; i < 200_000; i++)
        {
            var bytes = good[..(random.Next(4) == 0 ? random.Next(good.Length) : good.Length)];
            for (var n = random.Next(1, 5); n > 0 && bytes.Length > 0; n--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
            var message = random.Next(4) > 0 && bytes.Length >= Envelope.FixedBytes ? Resealed(bytes) : bytes;
            if (Envelope.TryRead(message, out var got, out int payloadAt) != EnvelopeFault.None) { refused++; }
            else { Assert.Equal(message, Written(got, message.AsSpan(payloadAt))); }
        }
        Assert.InRange(refused, 100_000, 199_000);
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing_once_the_names_are_known()
    {
        var message = new byte[Envelope.MaxHeaderBytes + 4];
        var options = new PublishOptions(Update.Origin) { Codec = Update.Codec, Tags = Update.Tags };
        Topic topic = "sl/line-2/pump-7/up/delta";
        var (read, same) = (0, true);
        void Round()
        {
            var envelope = Envelope.Of(topic, options, DateTimeOffset.UnixEpoch);
            var length = Envelope.Write(envelope, default, message);
            if (Envelope.TryRead(message.AsSpan(0, length), out var got, out int _) == EnvelopeFault.None) { read++; }
            same &= envelope.Run == got.Run;
        }

        Assert.Equal(0, Allocations.Least(Round));
        Assert.True(same && read > 0);
    }

    [Fact]
    public void An_envelope_is_made_of_topic_and_options()
    {
        var options = new PublishOptions(new("pump-7/publish", 2, 1)) { Codec = "delta/1", Kind = 2, Tags = new(BaseVersion: 3) };
        var envelope = Envelope.Of("sl/line-2/pump-7/up/delta", options, DateTimeOffset.UnixEpoch.AddSeconds(2));
        Assert.Equal(("line-2", "delta/1", (byte)2), (envelope.Run, envelope.Codec, envelope.Kind));
        Assert.Equal((options.Origin, options.Tags, 2_000_000_000), (envelope.Origin, envelope.Tags, envelope.SentAt));
        Assert.True(Envelope.IsOn("sl/a"));
        Assert.False(Envelope.IsOn("slow/a"));
        Assert.Equal(0, Envelope.Of("sl/a", default, default).Kind);
    }

    private static string Readable(string? text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text ?? "")) + "é";

    private static byte[] Resealed(byte[] message)
    {
        var crc = Crc32C.Of(Crc32C.Of(message.AsSpan(0, 92)), message.AsSpan(96));
        BitConverter.TryWriteBytes(message.AsSpan(92), crc);
        return message;
    }

    private static byte[] Written(in Envelope envelope, ReadOnlySpan<byte> payload)
    {
        var header = new byte[Envelope.MaxHeaderBytes];
        var bytes = payload.ToArray();
        return [.. header[..Envelope.Write(envelope, new(bytes), header)], .. bytes];
    }

    private static EnvelopeFault Read(byte[] message) => Envelope.TryRead(message, out _, out int _);

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
