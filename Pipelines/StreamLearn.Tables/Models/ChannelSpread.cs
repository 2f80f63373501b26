using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary>The values of a channel. <paramref name="Quietest"/>: the smallest deviation of a device's rows of one class; lowest and
/// highest: of their means.</summary>
internal sealed record ChannelSpread(double Mean, double Deviation, double Quietest, double Lowest, double Highest)
{
    private const string Key = "values";
    private const int MinRows = 30;             // of a class of a device
    private const double Far = 5;               // deviations from the means, and ratio of deviations

    internal static ImmutableArray<ChannelSpread> Of(ModelCard card, int channels)
    {
        if (!card.Provenance.TryGetValue(Key, out var text)) { return []; }
        var numbers = text.Split(' ', '\n').Select(static t =>
            double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToList();
        return numbers.Count == 5 * channels && numbers.TrueForAll(double.IsFinite)
            ? [.. numbers.Chunk(5).Select(static n => new ChannelSpread(n[0], n[1], n[2], n[3], n[4]))]
            : throw CardKeys.Refused(Key, FormattableString.Invariant($"5 numbers for each of {channels} channels"), text);
    }

    /// <summary><paramref name="all"/>: values of rows, and rows of one class of a device.</summary>
    internal static ModelCard On(ModelCard card, IEnumerable<(float[] Values, List<int> Rows)> all, int channels)
    {
        var groups = all.Where(static g => g.Rows.Count >= MinRows).ToList();
        if (groups.Count == 0) { return card; }
        var lines = Enumerable.Range(0, channels).Select(c =>
        {
            List<Moments> of = [.. groups.Select(g => g.Rows
                .Aggregate(default(Moments), (m, row) => m.Add(g.Values[(row * channels) + c])))];
            var whole = of.Aggregate(static (a, b) => a.Merge(b));
            return string.Create(CultureInfo.InvariantCulture, $"{whole.Mean:G7} {whole.Deviation:G7} ")
                + string.Create(CultureInfo.InvariantCulture, $"{of.Min(static m => m.Deviation):G7} ")
                + string.Create(CultureInfo.InvariantCulture, $"{of.Min(static m => m.Mean):G7} {of.Max(static m => m.Mean):G7}");
        });
        return card with { Provenance = card.Provenance.SetItem(Key, string.Join('\n', lines)) };
    }

    /// <summary>Says that values are unlike these; null: they are not.</summary>
    internal string? Unlike(string channel, Moments seen) => seen.Count < MinRows || Deviation == 0
        || (seen.Mean >= Lowest - (Far * Deviation) && seen.Mean <= Highest + (Far * Deviation)
            && seen.Deviation * Far >= Quietest && seen.Deviation <= Far * Deviation) ? null
        : string.Create(CultureInfo.InvariantCulture, $"the values of '{channel}' are unlike those that the model learned from: ")
            + string.Create(CultureInfo.InvariantCulture, $"mean {seen.Mean:G4} and deviation {seen.Deviation:G4}, learned {Mean:G4} and ")
            + string.Create(CultureInfo.InvariantCulture, $"{Deviation:G4}: are they in another unit?");
}

/// <summary>The values of rows to answer, which may be unlike those that a model learned from.</summary>
internal sealed class SeenValues(WindowModelFile model)
{
    private readonly ImmutableArray<ChannelSpread> _learned = ChannelSpread.Of(model.Card, model.Preparation.Channels.Length);
    private readonly Moments[] _seen = new Moments[model.Preparation.Channels.Length];

    internal Flow<Batch> Of(Flow<Batch> rows) => _learned.IsEmpty ? rows : rows.Filter("values", Takes);

    internal IEnumerable<string> Lines() =>
        _learned.Select((l, c) => l.Unlike(model.Preparation.Channels[c].Name, _seen[c])).OfType<string>();

    private bool Takes(Batch rows)
    {
        for (var c = 0; c < _seen.Length; c++)
        {
            _seen[c] = _seen[c].Add(rows[model.Preparation.Channels[c].Name]);
        }

        return true;
    }
}
