namespace StreamLearn.Fleets.Tests;

/// <summary>What sites say, as bytes.</summary>
public sealed class SiteSignalCodecTests
{
    private static readonly SiteSignal Full = new()
    {
        Site = "north",
        Kind = SiteSignalKind.Snapshot,
        SchemaHash = 77,
        Recipient = "süd",
        Clock = 12,
        Keys = [0, 1, 129, 130, 16_700_000],
        Clocks = [new("north", -5, 3, 12), new("east", 2, 9, 11, HasLeft: true)],
        Values = [1, -0f, float.NaN],
    };

    public static TheoryData<SiteSignal> Signals { get; } =
    [
        Full, Full with { Recipient = null }, Full with { Keys = [], Clocks = [], Values = [] },
        Full with { Kind = SiteSignalKind.Pending, Keys = [.. Enumerable.Range(0, 1000)] },
    ];

    [Theory, MemberData(nameof(Signals))]
    public void What_is_written_is_read(SiteSignal signal)
    {
        Assert.True(Read(Bytes(signal), out var read));
        Assert.Equal((signal.Site, signal.Kind, signal.SchemaHash, signal.Recipient, signal.Clock),
            (read.Site, read.Kind, read.SchemaHash, read.Recipient, read.Clock));
        Assert.Equal(signal.Keys, read.Keys);
        Assert.Equal(signal.Clocks, read.Clocks);
        Assert.Equal(signal.Values.Select(BitConverter.SingleToInt32Bits), read.Values.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void A_place_that_follows_another_takes_a_byte() =>
        Assert.Equal(1000, Bytes(Full with { Keys = [.. Enumerable.Range(0, 1000)] }).Length - Bytes(Full with { Keys = [] }).Length);

    [Fact]
    public void What_is_cut_or_damaged_is_refused()
    {
        var bytes = Bytes(Full);
        for (var length = 0; length < bytes.Length; length++) { Assert.False(Read(bytes[..length], out _)); }
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x10;
            Assert.False(Read(damaged, out _));
        }

        Assert.False(Read(Bytes(Full with { Kind = (SiteSignalKind)5 }), out _));
        Assert.False(Read(Bytes(Full with { Clock = -1 }), out _));
        Assert.False(Read(Bytes(Full with { Clocks = [new("a", 1, -1, 0)] }), out _));
    }

    [Fact]
    public void Names_that_no_message_can_carry_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Full with { Site = "" });
        Assert.Throws<ArgumentException>(() => Full with { Recipient = new('a', 257) });
    }

    [Fact]
    public void A_recipient_is_bit_8_of_the_flags() => Assert.Equal([0, 256],
        new[] { Full with { Recipient = null }, Full with { Recipient = "a" } }.Select(static s => BitConverter.ToUInt16(Bytes(s), 6)));

    private static byte[] Bytes(SiteSignal signal) => Encoded(SiteSignal.Codec, signal);

    private static bool Read(byte[] bytes, out SiteSignal signal)
    {
        var isRead = SiteSignal.Codec.TryDecode(new(bytes), new(), out var read);
        signal = read!;
        return isRead;
    }
}
