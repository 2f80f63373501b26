using StreamLearn.Models;

namespace StreamLearn.Tables.Tests;

/// <summary>Who a model learned from, in its card.</summary>
public sealed class LearnedDevicesTests
{
    private const string Hashes = "learned-device-hashes";

    [Fact]
    public void A_card_tells_who_the_model_learned_from_and_names_nobody()
    {
        string[] devices = ["Ada Example", "p,1", "\u0007bell", "ε", ""];
        var card = LearnedDevices.On(ModelCard.Empty, "person", devices);
        var learned = LearnedDevices.Of(card)!;

        Assert.Equal(("person", 5, true), (learned.Column, learned.Count, learned.IsListed));
        Assert.All(devices, device => Assert.True(learned.Has(device)));
        Assert.DoesNotContain(Enumerable.Range(0, 10_000), i => learned.Has($"person {i}"));
        Assert.DoesNotContain(card.Provenance, static p => p.Value.Contains("Ada", StringComparison.Ordinal));
        Assert.Equal(card, LearnedDevices.On(ModelCard.Empty, "person", [.. devices.Reverse()]));
    }

    [Fact]
    public void A_list_is_bounded()
    {
        string[] devices = [.. Enumerable.Range(0, LearnedDevices.MaxListed + 1).Select(static i => $"d{i}")];
        var listed = LearnedDevices.On(ModelCard.Empty, "device", devices[1..]);
        var tooMany = LearnedDevices.Of(LearnedDevices.On(ModelCard.Empty, "device", devices))!;

        Assert.InRange(listed.Provenance[Hashes].Length, 1, 54_000);
        Assert.DoesNotContain(devices[1..], device => !LearnedDevices.Of(listed)!.Has(device));
        Assert.Equal((false, devices.Length), (tooMany.IsListed, tooMany.Count));
        Assert.False(LearnedDevices.Of(LearnedDevices.On(ModelCard.Empty, LearnedDevices.None, ["device"]))!.IsListed);
    }

    [Theory]
    [InlineData("learned-devices", null)]
    [InlineData("learned-devices", "-1")]
    [InlineData("learned-devices", "0")]
    [InlineData("learned-devices", "3")]
    [InlineData("learned-devices", "99999999999")]
    [InlineData("learned-devices", "1000000")]
    [InlineData("learned-device-column", null)]
    [InlineData("learned-device-column", "")]
    [InlineData(Hashes, "no base64")]
    [InlineData(Hashes, "AAAA")]
    [InlineData(Hashes, "")]
    public void A_card_that_contradicts_itself_says_nothing(string key, string? value)
    {
        var said = LearnedDevices.On(ModelCard.Empty, "person", ["a", "b"]).Provenance;
        Assert.Null(LearnedDevices.Of(new() { Provenance = value is null ? said.Remove(key) : said.SetItem(key, value) }));
    }

    [Fact]
    public void A_million_hashes_are_not_read() => Assert.Null(LearnedDevices.Of(new()
    {
        Provenance = ModelCard.Empty.Provenance.Add("learned-device-column", "person").Add("learned-devices", "1000000")
            .Add(Hashes, Convert.ToBase64String(new byte[4_000_000])),
    }));
}
