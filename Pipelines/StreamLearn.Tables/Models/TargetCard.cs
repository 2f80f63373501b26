namespace StreamLearn.Tables;

internal static class TargetCard
{
    private const string NameKey = "target", UnitKey = "target-unit", AheadKey = "target-ahead-seconds";
    private const double MaxAhead = 1e9;

    /// <summary>Reads name, unit and forecast horizon; null if there is no named value.</summary>
    /// <exception cref="ModelFormatException">The horizon is no number above 0.</exception>
    public static (string Name, Unit Unit, TimeSpan? Ahead)? Of(ModelCard card)
    {
        if (!card.Provenance.TryGetValue(NameKey, out var name) || name.Length == 0) { return null; }
        var unit = card.Provenance.GetValueOrDefault(UnitKey) is { Length: > 0 } symbol ? new Unit(symbol) : Unit.One;
        return (name, unit, CardKeys.Number(card, AheadKey, MaxAhead) is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    public static ModelCard On(ModelCard card, string name, Unit unit, TimeSpan? ahead = null)
    {
        var said = card.Provenance.SetItem(NameKey, name).SetItem(UnitKey, unit.Symbol);
        return card with
        {
            Provenance = ahead is { TotalSeconds: var seconds }
                ? said.SetItem(AheadKey, seconds.ToString("R", CultureInfo.InvariantCulture)) : said.Remove(AheadKey),
        };
    }
}
