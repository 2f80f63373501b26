using System.Diagnostics;

namespace StreamLearn.Tables;

/// <summary>Joins by time what was written apart, such as a file for each sensor. A device has the times of its stream with most rows, and
/// the last values of the others.</summary>
internal static class JoinedFiles
{
    private const string Prefix = "streamlearn-join-";
    private const char Star = '*';
    private const int NamesShown = 6;
    private const double MaxOther = 0.02;    // share of rows with another label, as where labels change
    private const int HeldSteps = 3;         // of a stream, for which its last value counts

    /// <summary>Writes joined files to a folder that is deleted when the process ends.</summary>
    /// <exception cref="ProgramException">There is no such part or column, no column of times, or only one stream.</exception>
    internal static OwnCsv Of(TableOptions options, TemporaryNames names)
    {
        RemoveLeft();
        var folder = Directory.CreateTempSubdirectory(FormattableString.Invariant($"{Prefix}{Environment.ProcessId}-"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return Write(options, folder.FullName, names);
    }

    /// <summary>Removes the folders of processes that were killed.</summary>
    private static void RemoveLeft()
    {
        var running = Process.GetProcesses().Select(static p => p.Id).ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), $"{Prefix}*"))
        {
            if (!int.TryParse(Path.GetFileName(folder)[Prefix.Length..].Split('-')[0], out var id) || running.Contains(id)) { continue; }
            try { Directory.Delete(folder, recursive: true); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }      // of another user
        }
    }

    private static OwnCsv Write(TableOptions options, string folder, TemporaryNames names)
    {
        var (by, files) = (options.Join!, WithNamedStars(options.Spooled ?? options.Csv!));
        var kept = files.Names.Remove(by);
        var isPart = kept.Length < files.Names.Length;
        var isNamed = kept.Any(static n => n[0] != Star);
        List<RefusedRow> refused = [];
        List<OwnCsv> untimed = [];
        var recordings = Enumerable.Range(0, files.Files.Length).SelectMany(f =>
        {
            string PartOf(string name) => files.TextsOf(name)[files.CodeOf(f, name)];
            var parts = kept.Select(PartOf).ToArray();
            var name = parts.Length == 0 ? "joined" : isNamed ? Path.Join(parts) : string.Join(' ', parts);
            return StreamsOf(options, files.Files[f], isPart ? PartOf(by) : null, refused, untimed)
                .Select(s => (File: name, Stream: s with { Path = files.Files[f] }));
        }).GroupBy(static s => s.File, static s => s.Stream).ToList();
        List<TimedRows> streams = [.. recordings.SelectMany(static r => r)];
        RequireTimes(untimed, streams);
        RequireNames(by, refused, streams);
        var columns = ColumnsOf(options, streams);
        string[] texts = [.. columns.Values.SelectMany(static s => s.TextNames).Distinct()];
        var first = columns.Values.First();
        Dictionary<string, (long Rows, long Other)> labels = [];
        List<(string Stream, string Recording)> lacking = [];
        foreach (var recording in recordings)
        {
            var path = Path.Join(folder, recording.Key) + ".csv";
            names.Add(path, $"joined rows of {Printable.Listed([.. recording.Select(static s => s.Path).Distinct()], NamesShown)}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = new StreamWriter(path);
            WriteLine(file, [first.TimeName, .. columns.Values.SelectMany(static s => s.Names), .. texts]);
            foreach (var device in recording.GroupBy(static s => s.Device))
            {
                lacking.AddRange(WriteRows(file, [.. columns.Values], texts, [.. device], labels).Select(s => (s, recording.Key)));
            }
        }

        return new(Path.Join([folder, .. isNamed ? kept.Select(static n => n[0] == Star ? "*" : $"{{{n}}}") : ["*"]]) + ".csv",
            new() { Delimiter = ',', NumbersAreNames = true })
        {
            Names = names,
            JoinedTime = first.TimeName,
            JoinedLackZone = streams.Exists(static s => s.LacksZone),
            JoinedBy = by,
            Joined = [$"joined by '{by}' ({Printable.Listed([.. columns.Keys], NamesShown)}): rows have the times of the one with most "
                + FormattableString.Invariant($"rows, and the last values of the others, at most {HeldSteps} of their steps old"),
                .. first.TimeIn == TimeUnit.Iso8601 ? [] : new[] { $"in the files, times are in {TimeDoubts.Symbol(first.TimeIn)}" },
                .. lacking.Distinct().GroupBy(static l => l.Stream, static l => l.Recording).Select(static l =>
                    $"no values of '{l.Key}' at the times of {Printable.Listed([.. l], NamesShown)}"),
                .. labels.Where(static l => l.Value.Other > MaxOther * l.Value.Rows).Select(l => FormattableString.Invariant(
                    $"in {l.Value.Other:N0} of {l.Value.Rows:N0} rows, '{l.Key}' differs: the one of the '{by}' with most rows counts")),
                .. untimed.Select(u => $"{names.In(u.Set.Pattern)} has no column of times: left out"),
                .. refused.Count == 0 ? [] : new[] { FormattableString.Invariant($"{refused.Count:N0} rows, first ")
                    + $"{names.In(refused[0].File)}:{refused[0].Line}, cannot be read"
                    + $"{(refused[0].Column == by ? $" without '{by}'" : "")}: they are not joined" }],
        };
    }

    /// <summary>Refuses a file without times that may be of a stream.</summary>
    private static void RequireTimes(List<OwnCsv> untimed, List<TimedRows> streams)
    {
        if (untimed.Find(u => streams.Count == 0 || u.Columns.Any(c => LookAtTimes.IsTimeName(c.Source) || LookAtTimes.HasTimeWord(c.Source)
            || streams.Exists(s => s.TimeName == c.Source || s.Channels.Exists(o => o.Source == c.Source)))) is { } doubtful)
        {
            throw new ProgramException($"--join: {doubtful.Set.Pattern} has no column of times; --time names it, one of "
                + $"{Printable.Listed([.. doubtful.Columns.Select(static c => c.Source)], NamesShown)}, or --csv a pattern without the "
                + "file", ProgramExit.DataRefused);
        }
    }

    /// <summary>Refuses rows without a name if they are many, such as those of a stream.</summary>
    private static void RequireNames(string by, List<RefusedRow> refused, List<TimedRows> streams)
    {
        var unnamed = refused.FindAll(r => r.Column == by && r.Reason == FileFault.MissingValue);
        var all = unnamed.Count + streams.Sum(static s => (long)s.Rows.Count);
        if (unnamed.Count > MaxOther * all)
        {
            throw new ProgramException(FormattableString.Invariant($"--join: {unnamed.Count:N0} of {all:N0} rows have no name in '{by}', ")
                + $"first {unnamed[0].File}:{unnamed[0].Line}: it is empty, or a text that means a missing value, such as NA: write "
                + "another", ProgramExit.DataRefused);
        }
    }

    /// <summary>Returns a stream of each name, whose columns all of that name have.</summary>
    private static Dictionary<string, TimedRows> ColumnsOf(TableOptions options, List<TimedRows> streams)
    {
        Dictionary<string, TimedRows> columns = [];
        var other = streams.Find(s => !columns.TryAdd(s.Name, s) && !s.Names.SequenceEqual(columns[s.Name].Names));
        var units = streams.Where(static s => s.MayBeOtherUnit).Select(static s => s.TimeIn).Distinct().ToList();
        var problem = other is not null
            ? $"expected the same columns in all of '{other.Name}', got {string.Join(", ", other.Names)} beside "
                + $"{string.Join(", ", columns[other.Name].Names)}; --ignore leaves columns out"
            : columns.Count < 2 ? $"expected several values of '{options.Join}' to join, got {columns.Count}"
            : options.TimeFormat is null && units.Count > 1 ? "the times of some files seem to be in "
                + $"{TimeDoubts.Symbol(units[0])}, of others in {TimeDoubts.Symbol(units[1])}: --time-format says in what all are" : null;
        return problem is null ? columns : throw new ProgramException($"--join: {problem}", ProgramExit.DataRefused);
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

    private static FileColumn? TimeOf(TableOptions options, OwnCsv rows, ColumnSample sample) =>
        options.Time is not null && !rows.Columns.Any(c => c.Source == options.Time) ? null
            : LookAtTimes.TimeOf(rows, options, sample.Rising, null, ["device"], []) is { Value: FileValue.Time } time ? time : null;

    private static TimedRows[] StreamsOf(
        TableOptions options, string path, string? name, List<RefusedRow> refused, List<OwnCsv> untimed)
    {
        OwnCsv rows = new(path, options.Form);
        bool IsText(FileColumn c) => c.Value is FileValue.Class or FileValue.Flag || c.Source == options.Label || c.Source == options.Device
            || c.Source == options.Target || c.Source == options.Join
            || LookAtLabels.Names.Any(n => n.Length > 1 && FirstLook.Same(n, c.Source));
        ImmutableArray<FileColumn> numbers = [.. rows.Columns.Where(c => c.Value == FileValue.Number && !IsText(c))];
        var sample = ColumnSample.Of(rows, numbers, null, ["device"], isFirstOnly: false);
        if (TimeOf(options, rows, sample) is not { } time)
        {
            untimed.Add(rows);
            return [];
        }

        if (name is null) { FirstLook.Require("--join", options.Join!, rows.Columns); }
        List<FileColumn> channels = [.. numbers.OrderBy(static c => c.Source, StringComparer.Ordinal)
            .Where(c => c.Source != time.Source && !sample.Rising.Contains(c.Source) && !options.Ignore.Contains(c.Source))];
        string[] texts = [.. rows.Columns.Where(c => c.Source != time.Source && c.Source != options.Join && IsText(c))
            .Select(static c => c.Source), .. name is null ? [options.Join!] : Array.Empty<string>()];
        texts = [.. texts.Zip(rows.Texts(texts)).Where(t => t.First == options.Join || t.First == options.Label
            || !PooledRows.AreQuantities([.. t.Second.Keys])).Select(static t => t.First)];      // a unit belongs to its stream
        if (name is null
            && rows.SpellingNotes(options.Join!).FirstOrDefault(static n => n.EndsWith("one", StringComparison.Ordinal)) is { } one)
        {
            throw new ProgramException($"--join: {one}: write the same name in all rows", ProgramExit.DataRefused);
        }

        string[][] words = [.. rows.Texts(texts).Select(static t => (string[])[.. t.Keys])];
        var device = DeviceOf(options, texts, words, mayBeText: name is null);
        List<FileColumn> read = [time, .. channels.Select(static (c, i) =>
            FileColumn.Number($"v{i}", ColumnType.Float64, c.Field.Unit, nullable: true) with { Source = c.Source }),
            .. texts.Select((t, i) => new FileColumn(new Field($"t{i}", ColumnType.Int32, Unit.One, Nullable: t != options.Join))
                { Source = t, Value = FileValue.Class, Classes = [.. words[i]] })];
        Dictionary<(string, string), TimedRows> streams = [];
        var lacksZone = TimesSeen.LackZone(rows, time);
        refused.AddRange(OwnReader.ReadRows(rows, read, null, ["device"], (batch, row, _) =>
        {
            string Text(int t) => t >= 0 && batch.Columns[1 + channels.Count + t] is var column && column.IsValid(row)
                ? words[t][column.Values<int>()[row]] : "";
            var (owner, stream) = (Text(device), name ?? Text(texts.Length - 1));
            if (!streams.TryGetValue((owner, stream), out var known))
            {
                streams[(owner, stream)] = known =
                    new(owner, stream, time.Source, time.TimeUnit, channels, texts[..^(name is null ? 1 : 0)]) { LacksZone = lacksZone };
            }

            known.Rows.Add((batch.Columns[0].Values<long>()[row],
                [.. Enumerable.Range(1, channels.Count).Select(c => batch.Columns[c] is var column && column.IsValid(row)
                    ? column.Values<double>()[row] : double.NaN)],
                [.. known.TextNames.Select((_, t) => Text(t))]));
        }));
        return [.. streams.Values];
    }

    /// <summary>Returns the place of the text that says whose the rows are; −1: none does.</summary>
    private static int DeviceOf(TableOptions options, string[] texts, string[][] words, bool mayBeText)
    {
        var device = Array.FindIndex(texts, t => t != options.Join
            && (options.Device is not null ? t == options.Device : DeviceRole.IsName(t)));
        if (device >= 0 || options.Device is not null || !mayBeText) { return device; }
        string[] others = [.. texts.Where((t, i) => t != options.Join && t != options.Label && words[i].Length > 1
            && !LookAtLabels.Names.Any(n => FirstLook.Same(n, t)))];
        return others is [var only] ? Array.IndexOf(texts, only) : others.Length == 0 ? -1 : throw new ProgramException(
            $"--join: {string.Join(" or ", others.Select(static t => $"'{t}'"))} may say whose the rows are: --device names it, or "
            + "none", ProgramExit.DataRefused);
    }

    /// <summary>Returns the streams that gave no value.</summary>
    private static IEnumerable<string> WriteRows(StreamWriter file, TimedRows[] columns, string[] texts, TimedRows[] streams,
        Dictionary<string, (long Rows, long Other)> labels)
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
        var given = new bool[of.Length];
        foreach (var (now, _, _) in of[main]!.Rows)
        {
            var last = of.Select((stream, s) =>
            {
                while (at[s] < stream?.Rows.Count && stream.Rows[at[s]].Time <= now) { at[s]++; }
                return at[s] > 0 && now - stream!.Rows[at[s] - 1].Time <= held[s] ? stream.Rows[at[s] - 1] : default;
            }).ToArray();
            for (var s = 0; s < of.Length; s++) { given[s] |= last[s].Values is not null; }
            foreach (var (text, s) in texts.Zip(saying).Where(static t => t.Second >= 0))
            {
                var (rows, other) = labels.GetValueOrDefault(text);
                labels[text] = (rows + 1, other + (Enumerable.Range(0, of.Length).Any(o =>
                    o != s && last[o].Texts is not null && Has(o, text) && TextOf(o, text) != TextOf(s, text)) ? 1 : 0));
            }

            WriteLine(file, [now.ToString(CultureInfo.InvariantCulture),
                .. last.SelectMany((row, s) => Enumerable.Range(0, columns[s].Channels.Count).Select(c =>
                    row.Values is null || double.IsNaN(row.Values[c]) ? "" : row.Values[c].ToString("R", CultureInfo.InvariantCulture))),
                .. texts.Zip(saying, (t, s) => s < 0 ? "" : TextOf(s, t))]);

            string TextOf(int stream, string text) =>
                last[stream].Texts is not { } said ? "" : said[Array.IndexOf(of[stream]!.TextNames, text)];
        }

        return columns.Index().Where(c => !given[c.Index]).Select(static c => c.Item.Name);

        bool Has(int stream, string text) => of[stream]!.TextNames.Contains(text);
    }

    private static void WriteLine(StreamWriter file, IEnumerable<string> cells) => file.WriteLine(string.Join(',', cells.Select(static c =>
        c.AsSpan().ContainsAny(",\"\r\n") ? $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : c)));

    /// <summary>The rows of one stream of a device, in time.</summary>
    private sealed record TimedRows(
        string Device, string Name, string TimeName, TimeUnit TimeIn, List<FileColumn> Channels, string[] TextNames)
    {
        internal List<(long Time, double[] Values, string[] Texts)> Rows { get; } = [];

        internal string Path { get; init; } = "";

        internal bool LacksZone { get; init; }

        internal double Step => Rows.Count < 2 ? 0
            : StepLength.Usual([.. Rows.Zip(Rows.Skip(1), static (a, b) => (double)(b.Time - a.Time))]);

        /// <summary>True for numbers that count from a start: their unit is a guess.</summary>
        internal bool MayBeOtherUnit => TimeIn != TimeUnit.Iso8601 && Rows.Count > 1 && Rows.Max(static r => r.Time) < TimesSeen.LatestZero;

        /// <summary>A single column of values has the name of its stream.</summary>
        internal IEnumerable<string> Names => Channels.Select(c => (Channels.Count == 1 ? Name : $"{Name}.{c.Source}")
            + (c.Field.Unit == Unit.One ? "" : $" [{c.Field.Unit}]"));
    }
}
