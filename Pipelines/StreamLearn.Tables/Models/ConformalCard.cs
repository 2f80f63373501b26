namespace StreamLearn.Tables;

/// <summary>Conformal scores in a model card, which bound answers on devices not used for training.</summary>
public static class ConformalCard
{
    private const string QuantilesKey = "bound-scores", GroupsKey = "bound-groups";

    /// <summary>Reads the scores; null: none.</summary>
    public static ConformalScores? Of(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var texts = card.Provenance.GetValueOrDefault(QuantilesKey, "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var quantiles = new float[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (!float.TryParse(texts[i], CultureInfo.InvariantCulture, out quantiles[i]) || !float.IsFinite(quantiles[i])
                || (i > 0 && quantiles[i] < quantiles[i - 1]))
            {
                return null;
            }
        }

        return quantiles.Length == ConformalScores.Steps + 1
            && int.TryParse(card.Provenance.GetValueOrDefault(GroupsKey), NumberStyles.None, CultureInfo.InvariantCulture, out var groups)
            && groups >= ConformalScores.MinGroups ? new([.. quantiles], groups) : null;
    }

    /// <summary>Adds scores to a card.</summary>
    public static ModelCard On(ModelCard card, ConformalScores scores)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(scores);
        return card with
        {
            Provenance = card.Provenance
                .SetItem(QuantilesKey, string.Join(' ', scores.Quantiles.Select(static q => q.ToString("R", CultureInfo.InvariantCulture))))
                .SetItem(GroupsKey, scores.Groups.ToString(CultureInfo.InvariantCulture)),
        };
    }
}
