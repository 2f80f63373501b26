namespace StreamLearn.Tables;

/// <summary>Rows with a label or a target, prepared as for a saved model.</summary>
internal static class ModelRows
{
    internal const long Seed = 42;

    /// <summary>Reads labelled rows, or rows with a target, as a model takes them. <paramref name="learned"/>: as
    /// <see cref="AsLearned"/> completes them.</summary>
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

    /// <summary>Completes what is said of files by how the model's were read: missing values, streams that were joined, devices.</summary>
    internal static TableOptions AsLearned(TableOptions said, ModelCard card)
    {
        if (said is { Csv: not null, Form.Missing.IsEmpty: true } && FormCard.Of(card) is { } form)
        {
            said = said with { Form = said.Form with { Missing = [.. form.Missing.Skip(CsvOptions.DefaultMissing.Count)] } };
        }

        var files = FirstLook.FilesOf(said with { Join = null });       // what names devices has its name before the join, too
        if (said is { Csv: not null, Join: null } && FormCard.JoinOf(card) is { } by && Has(files, by)) { said = said with { Join = by }; }
        return said.Device is null && LearnedDevices.Of(card)?.Column is { } device && (device == LearnedDevices.File
            ? files.Set.Files.Length > 1 : device != LearnedDevices.None && Has(files, device)) ? said with { Device = device } : said;
    }

    /// <summary>True for a part of the file names, or a column.</summary>
    private static bool Has(IOwnFiles files, string name) => files.Set.Names.Contains(name) || files.Columns.Any(c => c.Source == name);
}
