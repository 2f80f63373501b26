namespace StreamLearn.Tables;

/// <summary>Whose the rows are. <paramref name="Name"/>: a column, or a part of the file names; null: each file, or one device.</summary>
internal sealed record DeviceRole(string? Name, bool FilePerDevice = false, bool IsPart = false)
{
    private static readonly string[] Names = ["device", "person", "subject", "user", "participant", "speaker", "patient", "machine",
        "sensor", "unit", "node", "device_id", "person_id", "subject_id", "user_id", "machine_id", "sensor_id", "room", "site",
        "vehicle", "animal", "recording", "session", "trial", "experiment", "file", "gerät", "geraet", "maschine", "appareil",
        "máquina", "maquina", "persona", "personne"];

    private const int MaxLikeNumbers = 50;

    /// <summary>Null: no column names the device.</summary>
    internal string? Column => IsPart ? null : Name;

    internal static DeviceRole Of(TableOptions options, IOwnFiles rows, List<string> reasons)
    {
        if (options.Device is { } asked)
        {
            reasons.Add($"device    '{asked}': --device says so");
            return Asked(asked, options, rows);
        }

        if (rows.Set.Names.FirstOrDefault(n => !AnswerRole.IsPartOf(options, n)) is { } part)
        {
            reasons.Add($"device    '{part}': a part of the files' names");
            return new(part, IsPart: true);
        }

        if (ByName(options, rows) is { } named)
        {
            reasons.Add($"device    '{named}': by its name");
            return new(named);
        }

        if (OnlyText(options, rows.Columns) is { } text)
        {
            reasons.Add($"device    '{text}': the only text column besides the label");
            return new(text);
        }

        var isOfFiles = rows.Set.Files.Length > 1;
        reasons.Add(isOfFiles ? "device    each file: there is no device column" : "device    one: there is no device column");
        return new(null, isOfFiles);
    }

    internal static bool IsName(string column) => Names.Any(n => FirstLook.Same(n, column));

    internal ImmutableArray<string> DevicesOf(IOwnFiles rows, OtherFiles others) => IsPart ? rows.Set.TextsOf(Name!)
        : Name is not null ? [.. ClassOrder.InOrder([.. rows.Texts([Name], isFirstOnly: others.Lack(Name))[0].Keys])]
        : FilePerDevice ? NamesOf(rows.Set) : ["device"];

    private static DeviceRole Asked(string asked, TableOptions options, IOwnFiles rows)
    {
        var isPart = rows.Set.Names.Contains(asked);
        if (isPart || rows.Columns.Any(c => c.Source == asked && SaysWhose(c, options, rows))) { return new(asked, IsPart: isPart); }
        if (rows.Columns.Any(c => c.Source == asked))
        {
            throw new ProgramException($"--device: column '{asked}' has times or measurements: expected strings or whole numbers that "
                + "identify the device, or a part of the file names, file or none", ProgramExit.BadCommandLine);
        }

        if (FirstLook.Same(asked, "file") || FirstLook.Same(asked, "none")) { return new(null, FirstLook.Same(asked, "file")); }
        throw !HasTooMany(rows, asked) ? FirstLook.Unknown("--device", asked, rows.Columns)
            : new(FormattableString.Invariant($"--device: column '{asked}' has more than {CsvSurvey.MaxTexts:N0} different values"),
                ProgramExit.BadCommandLine);
    }

    private static string? ByName(TableOptions options, IOwnFiles rows)
    {
        foreach (var name in Names)
        {
            if (!options.Leaves(name) && HasTooMany(rows, name))
            {
                throw new ProgramException(FormattableString.Invariant($"{options.RowsOption}: column '{name}' looks like a device and ")
                    + FormattableString.Invariant($"has more than {CsvSurvey.MaxTexts:N0} different values: --device names another, file ")
                    + "or none",
                    ProgramExit.DataRefused);
            }

            if (rows.Columns.FirstOrDefault(c => FirstLook.Same(c.Source, name)) is { } named && IsOfFew(named, rows)
                && !(named.Value == FileValue.Class && PooledRows.AreQuantities(named.Classes))
                && named.Source != options.Label && !options.Leaves(named.Source))
            {
                return named.Source;
            }
        }

        return null;
    }

    /// <summary>The only text column besides a label; null: none.</summary>
    private static string? OnlyText(TableOptions options, ImmutableArray<FileColumn> columns)
    {
        bool IsLabel(FileColumn c) =>
            c.Source == options.Label || (options.Label is null && LookAtLabels.Names.Any(n => FirstLook.Same(c.Source, n)));

        var texts = columns.Where(c => c.Value == FileValue.Class && !IsLabel(c) && !options.Leaves(c.Source)
            && !LookAtTimes.IsTimeText(c) && !LookAtTimes.IsTimeName(c.Source) && !AreLikeNumbers(c)
            && !PooledRows.AreQuantities(c.Classes)).ToList();
        return texts.Count == 1 && columns.Any(IsLabel) ? texts[0].Source : null;
    }

    /// <summary>True for many texts that mostly begin as numbers do, such as measurements in an unusual form.</summary>
    private static bool AreLikeNumbers(FileColumn column) => column.Classes.Length > MaxLikeNumbers
        && 2 * column.Classes.Count(static c =>
            char.IsAsciiDigit(c[0]) || (c.Length > 1 && "-+($€".Contains(c[0]))) > column.Classes.Length;

    /// <summary>Names such as 1.1 and 1.10 are numbers with fractions.</summary>
    private static bool IsOfFew(FileColumn column, IOwnFiles rows) => FirstLook.IsDiscrete(column)
        || (column.Value == FileValue.Number && LookAtLabels.Texts(rows, column.Source) is { Length: <= MaxLikeNumbers });

    private static bool HasTooMany(IOwnFiles rows, string name) => rows.LeftOut.Any(line =>
        line.Contains($"'{name}': ", StringComparison.OrdinalIgnoreCase) && line.Contains("more than", StringComparison.Ordinal));

    private static bool SaysWhose(FileColumn column, TableOptions options, IOwnFiles rows) => (FirstLook.IsDiscrete(column)
            || (IsName(column.Source) && IsOfFew(column, rows)))
        && column.Source != options.Time && !(column.Value == FileValue.Number && LookAtTimes.IsNamedSo(column));

    private static ImmutableArray<string> NamesOf(FileSet files)
    {
        var names = files.Files.Select(NameOf).ToImmutableArray();
        return names.Distinct().Count() == names.Length ? names : files.Files;
    }

    private static string NameOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.IndexOf('.', 1) is > 0 and var end ? name[..end] : name;
    }
}
