namespace StreamLearn.Tables;

/// <summary>Joins by time what was written apart, such as a file for each sensor. A device has the times of its stream with most rows, and
/// the last values of the others.</summary>
internal static class JoinedFiles
{
    private const char Star = '*';
    private const int NamesShown = 6;
    private const int HeldSteps = 3;         // of a stream, for which its last value counts

    /// <summary>Writes joined files to a folder that is deleted when the process ends.</summary>
    /// <exception cref="ProgramException">There is no such part or column, no column of times, or only one stream.</exception>
    internal static OwnCsv Of(TableOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("streamlearn-join-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return Write(options, folder.FullName);
    }

    private static OwnCsv Write(TableOptions options, string folder)
    {
        var (by, files) = (options.Join!, WithNamedStars(options.Spooled ?? options.Csv!));
        var kept = files.Names.Remove(by);
        var isPart = kept.Length < files.Names.Length;
        var isNamed = kept.Any(static n => n[0] != Star);
        List<RefusedRow> refused = [];
        var recordings = Enumerable.Range(0, files.Files.Length).SelectMany(f =>
        {
            string PartOf(string name) => files.TextsOf(name)[files.CodeOf(f, name)];
            var parts = kept.Select(PartOf).ToArray();
            var name = parts.Length == 0 ? "joined" : isNamed ? Path.Join(parts) : string.Join(' ', parts);
            return StreamsOf(options, files.Files[f], isPart ? PartOf(by) : null, refused).Select(s => (File: name, Stream: s));
        }).GroupBy(static s => s.File, static s => s.Stream).ToList();
        Dictionary<string, TimedRows> columns = [];
        foreach (var stream in recordings.SelectMany(static r => r))
        {
            if (columns.TryAdd(stream.Name, stream) || stream.Names.SequenceEqual(columns[stream.Name].Names)) { continue; }
            throw new ProgramException($"--join: expected the same columns in all of '{stream.Name}', got "
                + $"{string.Join(", ", stream.Names)} beside {string.Join(", ", columns[stream.Name].Names)}; --ignore leaves columns out",
                ProgramExit.DataRefused);
        }

        if (columns.Count < 2)
        {
            throw new ProgramException($"--join: expected several values of '{by}' to join, got {columns.Count}", ProgramExit.DataRefused);
        }

        string[] texts = [.. columns.Values.SelectMany(static s => s.TextNames).Distinct()];
        foreach (var recording in recordings)
        {
            var path = Path.Join(folder, recording.Key) + ".csv";
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = new StreamWriter(path);
            WriteLine(file, [columns.Values.First().TimeName, .. columns.Values.SelectMany(static s => s.Names), .. texts]);
            foreach (var device in recording.GroupBy(static s => s.Device)) { WriteRows(file, [.. columns.Values], texts, [.. device]); }
        }

        return new(Path.Join([folder, .. isNamed ? kept.Select(static n => n[0] == Star ? "*" : $"{{{n}}}") : ["*"]]) + ".csv")
        {
            Joined = [$"joined by '{by}' ({Printable.Listed([.. columns.Keys], NamesShown)}): rows have the times of the one with most "
                + FormattableString.Invariant($"rows, and the last values of the others, at most {HeldSteps} of their steps old"),
                .. refused.Count == 0 ? [] : new[] { FormattableString.Invariant($"{refused.Count:N0} rows, first {refused[0].File}:")
                    + FormattableString.Invariant($"{refused[0].Line}, cannot be read: they are not joined") }],
        };
    }

    /// <summary>Finds the files with a name for each star, so that files are joined only if nothing but the stream differs.</summary>
    private static FileSet WithNamedStars(string pattern)
    {
        var stars = 0;
        var all = FileSet.Find(pattern);
        var named = FileSet.Find(string.Concat(pattern.Select(c =>
            c == Star ? FormattableString.Invariant($"{{{Star}{stars++}}}") : $"{c}")));
        return named.Files.Length == all.Files.Length ? named : throw new ProgramException(
            $"--join: expected stars in '{pattern}' that match at least a character in each file", ProgramExit.DataRefused);
    }

    private static TimedRows[] StreamsOf(TableOptions options, string path, string? name, List<RefusedRow> refused)
    {
        OwnCsv rows = new(path, options.Form);
        if (name is null) { FirstLook.Require("--join", options.Join!, rows.Columns); }
        bool IsText(FileColumn c) => c.Value is FileValue.Class or FileValue.Flag || c.Source == options.Label || c.Source == options.Device
            || c.Source == options.Target || c.Source == options.Join
            || LookAtLabels.Names.Any(n => n.Length > 1 && FirstLook.Same(n, c.Source));
        ImmutableArray<FileColumn> numbers = [.. rows.Columns.Where(c => c.Value == FileValue.Number && !IsText(c))];
        var sample = ColumnSample.Of(rows, numbers, null, ["device"], isFirstOnly: false);
        var time = LookAtTimes.TimeOf(rows, options, sample.Rising, null, ["device"], []) is { Value: FileValue.Time } found ? found
            : throw new ProgramException($"--join: {path} has no column of times; --time names it", ProgramExit.DataRefused);
        List<FileColumn> channels = [.. numbers.OrderBy(static c => c.Source, StringComparer.Ordinal)
            .Where(c => c.Source != time.Source && !sample.Rising.Contains(c.Source) && !options.Ignore.Contains(c.Source))];
        string[] texts = [.. rows.Columns.Where(c => c.Source != time.Source && c.Source != options.Join && IsText(c))
            .Select(static c => c.Source), .. name is null ? [options.Join!] : Array.Empty<string>()];
        string[][] words = [.. rows.Texts(texts).Select(static t => (string[])[.. t.Keys])];
        var device = Array.FindIndex(texts, t => t != options.Join && (options.Device is not null ? t == options.Device
            : DeviceRole.IsName(t) && !PooledRows.AreQuantities(words[Array.IndexOf(texts, t)])));
        List<FileColumn> read = [time, .. channels.Select(static (c, i) =>
            FileColumn.Number($"v{i}", ColumnType.Float64, c.Field.Unit, nullable: true) with { Source = c.Source }),
            .. texts.Select((t, i) => new FileColumn(new Field($"t{i}", ColumnType.Int32, Unit.One, Nullable: true))
                { Source = t, Value = FileValue.Class, Classes = [.. words[i]] })];
        Dictionary<(string, string), TimedRows> streams = [];
        refused.AddRange(OwnReader.ReadRows(rows, read, null, ["device"], (batch, row, _) =>
        {
            string Text(int t) => t >= 0 && batch.Columns[1 + channels.Count + t] is var column && column.IsValid(row)
                ? words[t][column.Values<int>()[row]] : "";
            var (owner, stream) = (Text(device), name ?? Text(texts.Length - 1));
            if (!streams.TryGetValue((owner, stream), out var known))
            {
                streams[(owner, stream)] = known = new(owner, stream, time.Source, channels, texts[..^(name is null ? 1 : 0)]);
            }

            known.Rows.Add((batch.Columns[0].Values<long>()[row],
                [.. Enumerable.Range(1, channels.Count).Select(c => batch.Columns[c] is var column && column.IsValid(row)
                    ? column.Values<double>()[row] : double.NaN)],
                [.. known.TextNames.Select((_, t) => Text(t))]));
        }));
        return [.. streams.Values];
    }

    private static void WriteRows(StreamWriter file, TimedRows[] columns, string[] texts, TimedRows[] streams)
    {
        foreach (var same in streams.GroupBy(static s => s.Name))
        {
            same.First().Rows.AddRange(same.Skip(1).SelectMany(static s => s.Rows).ToList());
            same.First().Rows.Sort(static (a, b) => a.Time.CompareTo(b.Time));
        }

        var of = columns.Select(c => Array.Find(streams, s => s.Name == c.Name)).ToArray();
        var (at, held) = (new int[of.Length], of.Select(static s => s is null ? 0 : HeldSteps * s.Step).ToArray());
        var main = Array.IndexOf(of, of.MaxBy(static s => s?.Rows.Count ?? 0));
        var saying = texts.Select(t => Has(main, t) ? main : Array.FindIndex(of, s => s is not null && s.TextNames.Contains(t))).ToArray();
        foreach (var (now, _, _) in of[main]!.Rows)
        {
            var last = of.Select((stream, s) =>
            {
                while (at[s] < stream?.Rows.Count && stream.Rows[at[s]].Time <= now) { at[s]++; }
                return at[s] > 0 && now - stream!.Rows[at[s] - 1].Time <= held[s] ? stream.Rows[at[s] - 1] : default;
            }).ToArray();
            WriteLine(file, [DateTime.UnixEpoch.AddTicks(now / 100).ToString("O", CultureInfo.InvariantCulture),
                .. last.SelectMany((row, s) => Enumerable.Range(0, columns[s].Channels.Count).Select(c =>
                    row.Values is null || double.IsNaN(row.Values[c]) ? "" : row.Values[c].ToString("R", CultureInfo.InvariantCulture))),
                .. texts.Zip(saying, (t, s) => s < 0 || last[s].Texts is not { } said ? "" : said[Array.IndexOf(of[s]!.TextNames, t)])]);
        }

        bool Has(int stream, string text) => of[stream]!.TextNames.Contains(text);
    }

    private static void WriteLine(StreamWriter file, IEnumerable<string> cells) => file.WriteLine(string.Join(',', cells.Select(static c =>
        c.AsSpan().ContainsAny(",\"\r\n") ? $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : c)));

    /// <summary>The rows of one stream of a device, in time.</summary>
    private sealed record TimedRows(string Device, string Name, string TimeName, List<FileColumn> Channels, string[] TextNames)
    {
        internal List<(long Time, double[] Values, string[] Texts)> Rows { get; } = [];

        internal double Step => Rows.Count < 2 ? 0
            : StepLength.Usual([.. Rows.Zip(Rows.Skip(1), static (a, b) => (double)(b.Time - a.Time))]);

        /// <summary>A single column of values has the name of its stream.</summary>
        internal IEnumerable<string> Names => Channels.Select(c => (Channels.Count == 1 ? Name : $"{Name}.{c.Source}")
            + (c.Field.Unit == Unit.One ? "" : $" [{c.Field.Unit}]"));
    }
}
