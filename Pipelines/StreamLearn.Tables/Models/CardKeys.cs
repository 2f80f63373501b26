namespace StreamLearn.Tables;

/// <summary>Reads keys of a model's card. One that is there has to be as it was written.</summary>
internal static class CardKeys
{
    /// <summary>Refuses a card with a key that no program writes so.</summary>
    /// <exception cref="ModelFormatException">A key is not as expected; the message names it.</exception>
    internal static void Require(ModelCard card)
    {
        var preparation = Preparation.Of(card);
        if (preparation is not null) { ChannelSpread.Of(card, preparation.Channels.Length); }
        _ = (ConformalCard.Of(card), TargetCard.Of(card), FormCard.Of(card));
    }

    internal static int? Whole(ModelCard card, string key, int least, int most) =>
        !card.Provenance.TryGetValue(key, out var text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw Refused(key, FormattableString.Invariant($"{least} to {most}"), text);

    /// <summary>Reads a number above 0.</summary>
    internal static double? Number(ModelCard card, string key, double most) =>
        !card.Provenance.TryGetValue(key, out var text) ? null
        : double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most ? number
        : throw Refused(key, FormattableString.Invariant($"a number above 0 and up to {most}"), text);

    internal static ModelFormatException Refused(string key, string expected, string? got) =>
        new(PrintableText.Of($"card: {key}: expected {expected}, got {(got is null ? "none" : $"'{got}'")}"));
}
