namespace StreamLearn.Tables;

internal static class TargetCard
{
    private const string NameKey = "target", UnitKey = "target-unit", AheadKey = "target-ahead-seconds";

    /// <summary>Reads name, unit and forecast horizon; null if there is no named value.</summary>
    public static (string Name, Unit Unit, TimeSpan? Ahead)? Of(ModelCard card)
    {
        if (!card.Provenance.TryGetValue(NameKey, out var name) || name.Length == 0) { return null; }
        var unit = card.Provenance.GetValueOrDefault(UnitKey) is { Length: > 0 } symbol ? new Unit(symbol) : Unit.One;
        TimeSpan? ahead = double.TryParse(card.Provenance.GetValueOrDefault(AheadKey), CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;
        return (name, unit, ahead);
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
