using System.Runtime.ExceptionServices;

namespace StreamLearn.Tables;

/// <summary>Watches the rows of files. Two passes: one counts the rows that can be scored, the next scores them.</summary>
internal sealed class FileWatch
{
    private const int RefusedShown = 3;
    private const string Usual = "--usual: ";

    private readonly List<Watching?> _devices;      // null: too few rows

    private FileWatch(OwnColumns columns, bool isByDevice, TableWatchOptions options)
    {
        (Columns, IsByDevice) = (columns, isByDevice);
        ImmutableArray<string> channels = [.. columns.Channels.Select(static c => c.Field.Name)];
        var count = isByDevice ? columns.Devices.Length : 1;
        var taught = options.Usual is null ? null : Taught(options, columns.Said.Form, columns.Channels, count);
        var counts = taught is null ? Count(options.Rule, channels) : null;
        var least = AnomalyWatch.MinLearnRows(options.Rule, channels.Length, options.Threshold is not null);
        var needed = Math.Max(least, options.LearnRows ?? 0);
        bool IsShort(int device) => counts is not null && counts[device] <= needed && counts.Any(c => c > needed);

        Short = [.. Enumerable.Range(0, count).Where(IsShort).Select(d => FormattableString.Invariant(
            $"{columns.Devices[d]} has {counts![d]} rows with all values, and {least} are needed to learn from: it is not judged"))];
        _devices = [.. Enumerable.Range(0, count).Select(d => IsShort(d) ? null : new Watching(
            isByDevice ? columns.Devices[d] : "",
            taught?[d].Detector ?? options.DetectorOf(columns.Said.RowsOption, channels.Length, counts![d], isAllUsual: false),
            options, channels, HasTime)
        { Ranges = taught?[d].Ranges ?? new(channels.Length) })];
    }

    internal OwnColumns Columns { get; }

    internal bool IsByDevice { get; }

    internal bool HasTime => Columns.Time is not null;

    /// <summary>Names the devices that are not judged, since they have too few rows.</summary>
    internal ImmutableArray<string> Short { get; }

    /// <summary>Warns that too few rows set the threshold; null if there are enough, or it is given.</summary>
    internal string? Caveat => _devices.OfType<Watching>().Select(static d => d.Caveat).FirstOrDefault(static c => c is not null);

    /// <summary>Learns the baseline from other files, or determines how many rows are the baseline.</summary>
    /// <exception cref="ProgramException">A file is unreadable, or there are too few rows.</exception>
    internal static FileWatch Of(TableOptions look, TableWatchOptions options, Action<string> say)
    {
        var columns = LookToWatch.At(look);
        var isByDevice = columns.Devices.Length > 1 && (!columns.FilePerDevice || columns.FilesCoincide || look.Device is not null);
        foreach (var told in columns.Told) { say(told); }
        if (look.Device is null && columns is { FilePerDevice: true, Devices.Length: > 1 })
        {
            say(FormattableString.Invariant($"{columns.Devices.Length} files ") + (isByDevice
                ? "have rows of the same times: each is treated as a device"
                : "are treated as one device, one after the other; --device file treats each as a device"));
        }

        var watch = new FileWatch(columns, isByDevice, options);
        foreach (var device in watch.Short) { say(device); }
        return watch;
    }

    /// <summary>Scores all rows; returns notes, one per line.</summary>
    internal List<string> Run(Action<RowScore>? scored, Action<int, EpisodeChange>? changed = null)
    {
        var judged = _devices.OfType<Watching>().ToList();
        judged.ForEach(d => d.Scored = scored);
        var refused = Read((device, batch, row) =>
        {
            if (_devices[device]?.Add(batch, row) is { } change and not EpisodeChange.None) { changed?.Invoke(device, change); }
        });
        List<string> lines = [.. refused.Take(RefusedShown).Select(static r => $"left out {Printable.Place(r)}")];
        if (refused.Count > RefusedShown) { lines.Add($"{Printable.Rows(refused.Count)} left out in total"); }
        lines.AddRange(judged.SelectMany(static d => d.Summary()));
        return lines;
    }

    /// <summary>Scores above which a row is an alert, by device.</summary>
    internal IEnumerable<(string Device, double Threshold)> Thresholds =>
        _devices.OfType<Watching>().Where(static d => d.Threshold is not null).Select(static d => (d.Device, d.Threshold!.Value));

    /// <summary>Scores all rows and keeps every episode.</summary>
    internal TableWatch Run(List<string> notes, Action<RowScore>? scored = null)
    {
        var episodes = _devices.ConvertAll(static _ => new List<AnomalyEpisode>());
        notes.AddRange(Run(scored, (device, change) =>
        {
            if (change == EpisodeChange.Begun) { episodes[device].Add(default); }
            episodes[device][^1] = _devices[device]!.Episode;
        }));
        foreach (var (device, of) in _devices.Zip(episodes))
        {
            if (device?.Alert is { IsOver: false } && of.Count > 0) { of[^1] = device!.Episode; }
        }

        return new([.. _devices.Zip(episodes).SelectMany(d => d.Second.Select(e => AlertOf(d.First!, e)))],
            _devices.Sum(static d => d?.Judged ?? 0), [.. Short, .. notes]);
    }

    private TableAlert AlertOf(Watching device, in AnomalyEpisode episode)
    {
        var alert = AnomalyAlert.Of("", episode, device.Channels, isOver: true);
        return new(IsByDevice ? device.Device : null, HasTime ? alert.Since : null, HasTime ? alert.Time : null,
            HasTime ? null : episode.First, alert.Alerts, alert.Score, alert.Channel.Length == 0 ? null : alert.Channel);
    }

    /// <summary>Returns one detector per device, trained on the same normal files.</summary>
    /// <exception cref="ProgramException">A file is unreadable, or there are too few rows.</exception>
    internal static TaughtDetector[] Taught(
        TableWatchOptions options, CsvForm form, ImmutableArray<FileColumn> channels, int devices)
    {
        var rows = UsualFiles.Read(options.Usual!, form, channels, options.Rule, Usual);
        var ranges = new LearnedRanges(channels.Length);
        for (var at = 0; at < rows.Length; at += channels.Length) { ranges.Add(rows.AsSpan(at, channels.Length)); }
        return [.. Enumerable.Range(0, devices).Select(_ => new TaughtDetector(
            options.DetectorOf("--usual", channels.Length, rows.Length / channels.Length, isAllUsual: true, rows), ranges))];
    }

    internal sealed record TaughtDetector(AnomalyDetector Detector, LearnedRanges Ranges);

    internal static TableOptions LookAtUsual(string usual, TableOptions said) =>
        UsualFiles.IsArrow(usual, Usual) ? said with { Arrow = usual } : said with { Csv = usual };

    private long[] Count(AnomalyRule rule, ImmutableArray<string> names)
    {
        var (counts, values) = (new long[Math.Max(1, Columns.Devices.Length)], new float[names.Length]);
        Read((device, batch, row) => counts[device] += Watching.CanJudge(rule, batch, row, names, values) ? 1 : 0);
        return counts;
    }

    /// <summary>Returns unreadable rows.</summary>
    private List<RefusedRow> Read(Action<int, Batch, int> take)
    {
        List<FileColumn> read = Columns.Time is { } time ? [time] : [];
        read.AddRange(Columns.Channels);
        try
        {
            return OwnReader.ReadRows(Columns.Files, read, IsByDevice ? Columns.DeviceColumn : null, Columns.Devices,
                (batch, row, of) => take(IsByDevice ? Columns.DeviceOf(of) : 0, batch, row), rate: HasTime ? null : 1);
        }
        catch (BlockFailedException e) when (e.GetBaseException() is IOException or ProgramException)
        {
            ExceptionDispatchInfo.Throw(e.GetBaseException());      // the reader of the scores has closed the pipe, or the disk is full
            throw;
        }
        catch (Exception e) when (e is FileRowsException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ProgramException($"{Columns.Files.Option}: {e.Message.ReplaceLineEndings(" ")}", ProgramExit.DataRefused);
        }
    }
}
