namespace StreamLearn.Learning.Tests;

/// <summary>Versions that an aggregator asks for, and that devices give back.</summary>
public sealed class OfferCodecTests
{
    private static readonly Weights Version =
        new() { Version = 3, Epoch = 2, SchemaHash = 1, Values = [1f], Seal = new(upper: 0x0102030405060708, lower: 9) };

    private static readonly Presence Offer =
        new() { Device = "a", Epoch = 5, Kind = PresenceKind.Holding, Held = Version.Id, Offer = Version };

    private static readonly Receipt Question =
        new() { Device = "a", Epoch = 5, Aggregator = "e", Newest = new(2, 1), Wanted = new(2, 3), Fates = [] };

    private const string Sealed = "534C4D4C" + "02" + "01" + "0000" + "00200008" + "0300000000000000" + "0100000000000000"
        + "01000000" + "0000803F" + "0200000000000000" + "0900000000000000" + "0807060504030201" + "756DC352";

    [Fact]
    public void They_have_their_golden_bytes()
    {
        Assert.Equal(Sealed, Convert.ToHexString(Encoded(LearningCodecs.Weights, Version)));
        Assert.Equal(
            "28000000" + "534C4D4C" + "01" + "03" + "0010" + "0100" + "61" + "0500000000000000" + "03"
            + "0200000000000000" + "0300000000000000" + "FF3D7F83" + Sealed, Convert.ToHexString(Encoded(LearningCodecs.Offers, Offer)));
        Assert.Equal(
            "534C4D4C" + "01" + "08" + "0010" + "0100" + "61" + "0500000000000000" + "0100" + "65" + "0200000000000000"
            + "0100000000000000" + "00" + "0000000000000000" + "0200000000000000" + "0300000000000000" + "4D1D406F",
            Convert.ToHexString(Encoded(LearningCodecs.Receipts, Question)));
    }

    [Fact]
    public void They_come_back_as_they_went_and_nothing_that_is_cut_or_flipped_does()
    {
        Assert.Equal(Version.Seal, Same(LearningCodecs.Weights, Version)!.Seal);
        Assert.Equal((Offer with { Offer = null }, Version.Seal),
            (Same(LearningCodecs.Offers, Offer)! with { Offer = null }, Same(LearningCodecs.Offers, Offer)!.Offer!.Seal));
        Assert.Equal(Question.Wanted, Same(LearningCodecs.Receipts, Question)!.Wanted);
        Refuses(LearningCodecs.Weights, Version);
        Refuses(LearningCodecs.Receipts, Question);
        var bytes = Encoded(LearningCodecs.Offers, Offer);
        for (var length = 0; length < bytes.Length; length++) { Assert.False(Decodes(LearningCodecs.Offers, bytes[..length])); }
        for (var bit = 0; bit < 8 * bytes.Length; bit++) { Assert.False(Decodes(LearningCodecs.Offers, Flipped(bytes, bit))); }
    }

    [Fact]
    public void What_a_device_says_of_itself_carries_no_version() => Assert.Null(Same(LearningCodecs.Presences, Offer)!.Offer);
}
