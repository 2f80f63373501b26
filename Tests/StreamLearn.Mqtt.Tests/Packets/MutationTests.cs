namespace StreamLearn.Mqtt.Tests;

/// <summary>Packets with bytes changed, added, taken away, mixed: nothing throws, hangs, or takes memory beyond what came.</summary>
public sealed class MutationTests
{
    private static readonly int Mutations = LongForm.IsAsked ? 10_000_000 : 100_000;

    private static readonly byte[][] Seeds =
    [
        .. GoldenTests.Packets.Select(static row => Bytes.Of(row.Data.Item3)),
        .. MalformedPacketTests.Packets.Select(static row => Bytes.Of(row.Data.Item3)),
    ];

    /// <summary>Bytes at the edges of something.</summary>
    private static readonly byte[] Odd =
        [0x00, 0x01, 0x02, 0x03, 0x0B, 0x1F, 0x20, 0x23, 0x26, 0x2B, 0x30, 0x32, 0x36, 0x7F, 0x80, 0x81, 0xC0, 0xED, 0xFF];

    [Fact]
    public void No_change_of_bytes_does_harm()
    {
        var random = new RandomStream(5, "mutations");
        var (buffer, filters) = (new byte[2048], new List<FilterRequest>(256));
        var (sound, refused, unfinished) = (0, 0, 0);
        ReadAll(Seeds[0], filters, ref sound, ref refused, ref unfinished);
        for (var i = 0; i < Mutations; i++)
        {
            var length = Mutate(random, buffer);
            var before = GC.GetAllocatedBytesForCurrentThread();
            ReadAll(buffer.AsSpan(0, length), filters, ref sound, ref refused, ref unfinished);
            if (GC.GetAllocatedBytesForCurrentThread() - before <= 4096 + (64 * length)) { continue; }
            var allocated = Allocations.Least(() => ReadAll(buffer.AsSpan(0, length), filters, ref sound, ref refused, ref unfinished));
            if (allocated > 4096 + (64 * length)) { Assert.Fail($"{allocated} bytes for {Convert.ToHexString(buffer.AsSpan(0, length))}"); }
        }
        Assert.True(
            sound > Mutations / 20 && refused > Mutations / 2 && unfinished > Mutations / 50,
            $"{sound} sound, {refused} refused, {unfinished} unfinished");
    }

    [Fact]
    public void What_a_server_sends_is_read_without_allocation_however_it_is_changed()
    {
        var random = new RandomStream(6, "mutations");
        var (buffer, filters) = (new byte[2048], new List<FilterRequest>(256));
        var (sound, refused, unfinished) = (0, 0, 0);
        ReadAll(Seeds[0], filters, ref sound, ref refused, ref unfinished);
        var allocated = 0L;
        for (var i = 0; i < Mutations / 2; i++)
        {
            var length = Mutate(random, buffer);
            if ((PacketType)(buffer[0] >> 4) is PacketType.Connect or PacketType.Subscribe or PacketType.Unsubscribe) { continue; }
            var version = (i & 1) == 0 ? MqttVersion.V5 : MqttVersion.V311;
            allocated += Allocations.Least(() => Reading.IsSound(buffer.AsSpan(0, length), version, Sender.Server, filters, out _, out _));
        }
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_sound_packet_reads_the_same_with_anything_behind_it()
    {
        var random = new RandomStream(7, "mutations");
        var buffer = new byte[2048];
        for (var i = 0; i < Mutations / 20; i++)
        {
            var bytes = buffer.AsSpan(0, Mutate(random, buffer));
            var reading = Reading.Of(bytes, MqttVersion.V5);
            if (PacketCutter.Next(bytes, Reading.MaximumBytes, out _, out var consumed, out _) != FrameState.Whole) { continue; }
            Assert.Equal(reading, Reading.Of(bytes[..consumed], MqttVersion.V5));
            Assert.Equal("more", Reading.Of(bytes[..(consumed - 1)], MqttVersion.V5));
        }
    }

    /// <summary>Reads packet after packet in both versions and from both senders, as long as there are any.</summary>
    private static void ReadAll(ReadOnlySpan<byte> bytes, List<FilterRequest> filters, ref int sound, ref int refused, ref int unfinished)
    {
        for (var i = 0; i < 4; i++)
        {
            var (version, sender) = ((i & 1) == 0 ? MqttVersion.V5 : MqttVersion.V311, (i & 2) == 0 ? Sender.Server : Sender.Client);
            for (var rest = bytes; ;)
            {
                var isSound = Reading.IsSound(rest, version, sender, filters, out var consumed, out var fault);
                if (!isSound && fault.Text is null) { unfinished++; break; }
                if (!isSound)
                {
                    if (fault.Reason < MqttReason.UnspecifiedError) { Assert.Fail($"{fault}"); }
                    refused++;
                    break;
                }
                if (consumed < 2) { Assert.Fail($"{consumed} bytes consumed"); }
                sound++;
                rest = rest[consumed..];
            }
        }
    }

    /// <summary>One seed or two joined, with one to six changes, and mostly with a length that fits.</summary>
    private static int Mutate(RandomStream random, byte[] buffer)
    {
        var length = Copy(random, buffer, 0);
        if (random.NextInt32(4) == 0) { length = Copy(random, buffer, length); }
        for (var changes = random.NextInt32(6); changes >= 0; changes--)
        {
            var place = random.NextInt32(length);
            switch (random.NextInt32(7))
            {
                case 0: buffer[place] ^= (byte)(1 << random.NextInt32(8)); break;
                case 1: buffer[place] = Odd[random.NextInt32(Odd.Length)]; break;
                case 2: buffer[place] = (byte)random.NextInt32(256); break;
                case 3: buffer[place]++; break;
                case 4 when length > 2:
                    buffer.AsSpan((place + 1)..length).CopyTo(buffer.AsSpan(place));
                    length--;
                    break;
                case 5 when length < buffer.Length / 2:
                    buffer.AsSpan(place..length).CopyTo(buffer.AsSpan(place + 1));
                    buffer[place] = Odd[random.NextInt32(Odd.Length)];
                    length++;
                    break;
                default:
                    var from = random.NextInt32(length);
                    var count = Math.Min(random.NextInt32(8) + 1, length - Math.Max(from, place));
                    buffer.AsSpan(from, count).CopyTo(buffer.AsSpan(place));
                    break;
            }
        }
        if (random.NextInt32(3) > 0 && length is > 2 and < 130) { buffer[1] = (byte)(length - 2); }
        return length;
    }

    private static int Copy(RandomStream random, byte[] buffer, int length)
    {
        var seed = Seeds[random.NextInt32(Seeds.Length)];
        seed.CopyTo(buffer, length);
        return length + seed.Length;
    }
}
