using System.Globalization;

namespace Aggregator.Tests;

public sealed class ShownTextTests
{
    public static TheoryData<string> Hostile => [.. Rounds.Hostile];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_name_from_the_wire_controls_nothing(string name)
    {
        var shown = ShownText.Of(name);

        Assert.DoesNotContain(shown, char.IsControl);
        Assert.DoesNotContain(shown, static c => char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Surrogate);
        Assert.InRange(shown.Length, 1, ShownText.MaxRunes + 1);
        Assert.Equal(shown, ShownText.Of(shown).TrimEnd('…') is var again && shown.EndsWith('…') ? again + '…' : again);
    }

    [Fact]
    public void Ordinary_names_stay_as_they_are()
    {
        string[] names = ["pump-7", "Pumpe Süd 3", "насос", "日本語", "<b>"];

        Assert.Equal(names, names.Select(ShownText.Of));
    }

    [Fact]
    public void Hostile_names_are_plain_ascii_without_signs_of_html_in_json()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Of(1, 0, Rounds.Hostile, [.. Rounds.Hostile.Select(static h => ("x", h))]));

        var json = StatusJson.Of(record.At(Rounds.Counted(1), Rounds.Start));

        Assert.All(json.ToArray(), static b => Assert.InRange(b, (byte)' ', (byte)'~'));
        Assert.DoesNotContain((byte)'<', json.ToArray());
        using var read = JsonDocument.Parse(json);
        Assert.Equal(Rounds.Hostile.Length + 1, read.RootElement.GetProperty("devices").GetArrayLength());
    }

    [Fact]
    public void A_server_that_is_away_is_said_and_updates_are_shown_as_they_stood()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Of(1, 0, ["a"]));
        using var status = JsonDocument.Parse(StatusJson.Of(record.At(Rounds.Counted(1) with { Connected = false }, Rounds.Start)));

        string[] lines = [.. StatusCommand.Text(status.RootElement)];

        Assert.Matches("^server +.* is not connected; the program keeps trying$", lines[1]);
        Assert.Contains(lines, static l => l.StartsWith("updates", StringComparison.Ordinal));
    }

    [Fact]
    public void Tables_of_hostile_names_fit_a_hundred_columns()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Of(1, 0, Rounds.Hostile, [.. Rounds.Hostile.Select(static h => (h, h))]));
        using var status = JsonDocument.Parse(StatusJson.Of(record.At(Rounds.Counted(1, 1), Rounds.Start)));

        string[] lines = [.. DevicesCommand.Table(status.RootElement), .. StatusCommand.Text(status.RootElement)];

        Assert.All(lines, static l => Assert.InRange(ShownText.WidthOf(l), 1, 100));
        Assert.DoesNotContain(lines, static l => l.Any(char.IsControl));
        Assert.Equal(Rounds.Hostile.Length + 1, DevicesCommand.Table(status.RootElement).Count());
    }
}
