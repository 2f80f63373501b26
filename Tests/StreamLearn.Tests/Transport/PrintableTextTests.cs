namespace StreamLearn.Tests;

public sealed class PrintableTextTests
{
    [Fact]
    public void What_ends_a_line_or_controls_a_terminal_is_a_dot_and_names_stay_as_they_are()
    {
        foreach (var name in (string[])["", "pump-7", "Pumpe Süd <3>", "насос", "日本語", "e\u0301", "👍"])
        {
            Assert.Equal(name, PrintableText.Of(name));
        }
        Assert.Equal("x··FAKE: all good·[2J·", PrintableText.Of("x\r\nFAKE: all good\e[2J\u202e"));
        Assert.Equal("a\u0301\u0301\u0301··b", PrintableText.Of("a\u0301\u0301\u0301\u0301\u0301b"));
        Assert.Equal("\ufffda\ufffd", PrintableText.Of("\ud800a\udc00"));
        for (var value = 0; value <= 0xE0FFF; value++)
        {
            if (!Rune.TryCreate(value, out var rune)) { continue; }
            Assert.True(PrintableText.Of($"{rune}").EnumerateRunes().All(static r => Rune.GetUnicodeCategory(r) is not (
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse)));
        }
    }

    [Fact]
    public void A_name_of_256_bytes_stays_whole_and_a_mebibyte_is_cut_between_characters()
    {
        var name = new string('ß', 128);
        Assert.Equal(name, PrintableText.Of(name));
        Assert.Equal(new string('x', 4096) + '…', PrintableText.Of(new('x', 1 << 20)));
        Assert.Equal("👍👍…", PrintableText.Of("👍👍👍", 2));
        Assert.Equal("👍👍👍", PrintableText.Of("👍👍👍", 3));
    }
}
