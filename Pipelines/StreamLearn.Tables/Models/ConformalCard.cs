namespace StreamLearn.Tables;

/// <summary>Conformal scores in a model card, which bound answers on devices not used for training.</summary>
public static class ConformalCard
{
    private const string QuantilesKey = "bound-scores", GroupsKey = "bound-groups";
    private const int MaxGroups = 1_000_000;
    private const float Least = -1e-5f;         // 1 − a probability, rounded

    /// <summary>Reads the scores; null: none.</summary>
    /// <exception cref="ModelFormatException">A key is not as <see cref="On"/> writes it; the message names it.</exception>
    public static ConformalScores? Of(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var groups = CardKeys.Whole(card, GroupsKey, ConformalScores.MinGroups, LearnedDevices.Of(card)?.Count ?? MaxGroups);
        var said = card.Provenance.GetValueOrDefault(QuantilesKey);
        if (said is null && groups is null) { return null; }
        float[] quantiles = [.. (said ?? "").Split(' ').Select(static t =>
            float.TryParse(t, CultureInfo.InvariantCulture, out var quantile) ? quantile : float.NaN)];
        return quantiles.Length == ConformalScores.Steps + 1 && quantiles[0] >= Least && float.IsFinite(quantiles[^1])
            && quantiles.Zip(quantiles.Skip(1)).All(static q => q.First <= q.Second)
            ? new([.. quantiles], groups ?? throw CardKeys.Refused(GroupsKey, "the devices that measured the bound", null))
            : throw CardKeys.Refused(QuantilesKey, $"{ConformalScores.Steps + 1} numbers from 0 that do not fall", said);
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
