namespace StreamLearn.Tables;

/// <summary>Reads new files in the form of those that a model learned from.</summary>
internal static class LearnedForm
{
    /// <summary>Completes what is said of files by how the model's were read: missing values, streams that were joined, devices.</summary>
    internal static TableOptions AsLearned(this TableOptions said, ModelCard card)
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
