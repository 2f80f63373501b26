namespace StreamLearn.Tables;

/// <summary>Rows with a label or a target, prepared as for a saved model.</summary>
internal static class ModelRows
{
    internal const long Seed = 42;

    /// <summary>Reads labelled rows, or rows with a target, as a model takes them. <paramref name="learned"/>: as
    /// <see cref="LearnedForm"/> completes them.</summary>
    internal static OwnRows Read(TableOptions learned, ModelCard card, Preparation preparation, bool isOfValues)
    {
        var (isByRow, rate, label) = (preparation.WindowRows == 1, preparation.RowsPerSecond ?? 1, learned.Label);
        var look = learned with
        {
            TakesAll = true,        // each column may be a channel, since the model says which are
            Label = isOfValues ? null : label,
            Target = isOfValues ? label ?? TargetCard.Of(card)?.Name : null,
            Ahead = TargetCard.Of(card)?.Ahead,
            EachRow = isByRow,
        };
        if (label is null && !isOfValues) { look = look with { Label = LabelOf(FirstLook.FilesOf(look), card.Labels) }; }
        var columns = OwnRows.Complete(FirstLook.At(look, isByRow ? null : rate));
        return OwnRows.Read(columns with { Channels = [.. AnswerRows.ChannelsOf(columns, preparation)], Rate = rate });
    }

    internal static FitRows Of(OwnRows own, Preparation preparation, ImmutableArray<string> unseen) => FitRoles.Of(own, new()
    {
        EachRow = preparation.WindowRows == 1,
        WindowSeconds = preparation.WindowRows == 1 ? null : preparation.WindowRows / (preparation.RowsPerSecond ?? 1),
        Unseen = unseen,
    }) with
    {
        Preparation = preparation.WithTimesOf(own.Columns.Time) with { SpanTolerance = double.PositiveInfinity },
    };

    internal static string? LabelOf(IOwnFiles files, ImmutableArray<string> classes) => files.Columns.Where(c =>
        (FirstLook.IsDiscrete(c) || LookAtLabels.SaysFaults(c, files)) && LookAtLabels.Texts(files, c.Source, isFirstOnly: false)
            is { Length: > 1 } texts && texts.All(classes.Contains)).Select(static c => c.Source).FirstOrDefault();
}
