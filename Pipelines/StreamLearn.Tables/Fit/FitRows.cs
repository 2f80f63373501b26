namespace StreamLearn.Tables;

/// <summary>Rows for learning and evaluation, by device. <paramref name="Open"/>: opens a device's recordings in order.</summary>
internal sealed record FitRows(
    string Description,
    ImmutableArray<string> Devices,
    ImmutableArray<string> Unseen,
    ImmutableArray<string> Classes,
    Preparation Preparation,
    Func<string, long> RowsOf,
    Func<PipelineBuilder, string, Flow<Batch>> Open)
{
    /// <summary>The rows of files; null: another source.</summary>
    internal OwnRows? Own { get; init; }

    /// <summary>The label that was found, and why it is certain; null: it was said, or a value is learned.</summary>
    internal string? LabelFound { get; init; }

    /// <summary>What the model's card says of its devices; null: their names.</summary>
    internal Func<ModelCard, ModelCard>? Learned { get; init; }

    /// <summary>Option that names the rows, for error messages.</summary>
    internal string Option { get; init; } = OwnCsv.Name;

    /// <summary>Column whose changes begin a window; null: none.</summary>
    internal string? Segment { get; init; }

    /// <summary>The target; null: a class is learned.</summary>
    internal Field? Target { get; init; }

    /// <summary>Forecast horizon; null to learn the last row's own value or class.</summary>
    internal TimeSpan? Ahead { get; init; }

    /// <summary>Hours and days as inputs of a forecast; null: none.</summary>
    internal CalendarInputs? Calendar { get; init; }

    /// <summary>The column of the current class when a later one is learned; null without one.</summary>
    internal string? NowColumn { get; init; }

    /// <summary>The objective; null: no value is learned.</summary>
    internal SquaredError? Objective { get; init; }

    /// <summary>Which rows were dropped or filled in, one note per line.</summary>
    internal ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Share of the windows that are not judged, because their rows have several labels; default 0.</summary>
    internal double ChangingShare { get; init; }

    /// <summary>True if each device has one class.</summary>
    internal bool HasOneClassEach { get; init; }

    /// <summary>Windows between those learned from and those held out: a forecast is judged where the learned targets are past.</summary>
    internal int Apart => Ahead is not { TotalSeconds: var later } || Preparation.RowsPerSecond is not { } rate ? 1
        : (int)Math.Ceiling(Math.Round(later * rate) / Preparation.HopRows);

    /// <summary>Takes every n-th window; of a forecast an n-th of them, at all hours. Source: Weyl (1916), equidistribution.</summary>
    internal bool Takes(int window, int every) =>
        Ahead is null ? window % every == 0 : every == 1 || window * GoldenRatio % 1 < 1.0 / every;

    private const double GoldenRatio = 0.61803398874989484;

    /// <summary>Windows that share a row; at least 2.</summary>
    internal double Overlap => Math.Max(2, (double)Preparation.WindowRows / Preparation.HopRows);

    internal bool IsByRow => Preparation.WindowRows == 1;

    internal bool ForecastsClasses => Ahead is not null && Target is null;

    /// <summary>Returns the card of a model that learned from these rows. <paramref name="scores"/>: scores of held-out devices; null for
    /// none.</summary>
    internal ModelCard CardOf(ConformalScores? scores, ExitRule? rule = null)
    {
        var card = Preparation.On(new()
        {
            Labels = Classes,
            ExitRule = rule,
            Provenance = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal)
                .Add("trained-on", Description),
        });
        if (Target is { } target) { card = TargetCard.On(card, target.Name, target.Unit, Ahead); }
        else if (Ahead is { } ahead) { card = TargetCard.On(card, "class", Unit.One, ahead); }
        if (Own is { } own)
        {
            card = ChannelSpread.On(card, own.Devices.Where(d => !Unseen.Contains(d.Name)).SelectMany(d => d.Labels.Index()
                .GroupBy(static r => r.Item, (_, rows) => (d.Values, rows.Select(static r => r.Index).ToList()))),
                Preparation.Channels.Length);
        }

        card = Learned?.Invoke(card) ?? LearnedDevices.On(card, "device", Devices);
        return scores is null ? card : ConformalCard.On(card, scores);
    }
}
