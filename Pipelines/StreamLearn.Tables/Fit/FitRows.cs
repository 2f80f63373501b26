namespace StreamLearn.Tables;

/// <summary>Rows for learning and evaluation, by device. <paramref name="Open"/>: a device's recordings in order.</summary>
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

    /// <summary>Option that names the rows, for refusals.</summary>
    internal string Option { get; init; } = OwnCsv.Name;

    /// <summary>Column whose changes begin a window; null: none.</summary>
    internal string? Segment { get; init; }

    /// <summary>The target; null: a class is learned.</summary>
    internal Field? Target { get; init; }

    /// <summary>Forecast horizon; null: the last row's own value or class.</summary>
    internal TimeSpan? Ahead { get; init; }

    /// <summary>The column of the current class where a later one is learned; null: none.</summary>
    internal string? NowColumn { get; init; }

    /// <summary>The objective; null: no value is learned.</summary>
    internal SquaredError? Objective { get; init; }

    /// <summary>What was left out of the rows or filled in, a line each.</summary>
    internal ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>True: each device has one class.</summary>
    internal bool HasOneClassEach { get; init; }

    internal bool IsByRow => Preparation.WindowRows == 1;

    internal bool ForecastsClasses => Ahead is not null && Target is null;

    /// <summary>The card of a model that learned from them. <paramref name="scores"/>: scores of held-out devices; null: none.</summary>
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
        return scores is null ? card : ConformalCard.On(card, scores);
    }
}
