namespace StreamLearn.Tables;

/// <summary>The target value of a model, in its card.</summary>
internal static class TargetCard
{
    private const string NameKey = "target", UnitKey = "target-unit", AheadKey = "target-ahead-seconds";

    /// <summary>Reads name, unit and forecast horizon; null: no named value.</summary>
    /// <param name="card">The card.</param>
    public static (string Name, Unit Unit, TimeSpan? Ahead)? Of(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        if (!card.Provenance.TryGetValue(NameKey, out var name) || name.Length == 0) { return null; }
        var unit = card.Provenance.GetValueOrDefault(UnitKey) is { Length: > 0 } symbol ? new Unit(symbol) : Unit.One;
        TimeSpan? ahead = double.TryParse(card.Provenance.GetValueOrDefault(AheadKey), CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null;
        return (name, unit, ahead);
    }

    /// <summary>Adds the value to a card.</summary>
    /// <param name="card">The card.</param>
    /// <param name="name">The value's name, such as its column's.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="ahead">The forecast horizon; null: the row's own value.</param>
    public static ModelCard On(ModelCard card, string name, Unit unit, TimeSpan? ahead = null)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(unit);
        var said = card.Provenance.SetItem(NameKey, name).SetItem(UnitKey, unit.Symbol);
        return card with
        {
            Provenance = ahead is { TotalSeconds: var seconds }
                ? said.SetItem(AheadKey, seconds.ToString("R", CultureInfo.InvariantCulture)) : said.Remove(AheadKey),
        };
    }
}
