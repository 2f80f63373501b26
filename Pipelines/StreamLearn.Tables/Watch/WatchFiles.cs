using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Two passes: one counts the rows that can be judged, the next judges them.</summary>
internal static class WatchFiles
{
    private const string DeviceOfRow = "device of the row";
    private const string Option = "--usual: ";

    internal static int Run(WatchOptions options, TextWriter output, TextWriter error)
    {
        var columns = LookToWatch.At(options.Look);
        var isByDevice = columns.Devices.Length > 1 && (!columns.FilePerDevice || options.Look.Device is not null);
        foreach (var told in columns.Told) { error.WriteLine($"streamlearn: {PrintableText.Of(told)}"); }
        if (!isByDevice && columns is { FilePerDevice: true, Devices.Length: > 1 })
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"streamlearn: {columns.Devices.Length} files are taken for one ")
                + "device, one after the other; --device file takes each for one");
        }

        ImmutableArray<string> channels = [.. columns.Channels.Select(static c => c.Field.Name)];
        var rows = Rows.Of(columns, isByDevice);
        var option = options.Look.RowsOption;
        var count = isByDevice ? columns.Devices.Length : 1;
        var taught = options.Usual is { } usual ? Taught(options, usual, columns.Channels, count) : null;
        var counts = taught is not null ? null : rows.Count(options.Rule, channels);
        using var stream = Open(options.Out, columns);
        var writer = stream ?? output;
        var hasTime = columns.Time is not null;
        var devices = Enumerable.Range(0, count).Select(d => new Watching(
            isByDevice ? columns.Devices[d] : "",
            taught?[d].Detector ?? options.DetectorOf(option, channels.Length, counts![d], isAllUsual: false),
            options, channels, writer, hasTime)
        { Ranges = taught?[d].Ranges ?? new(channels.Length) }).ToList();
        if (devices.Select(static d => d.Caveat).FirstOrDefault(static c => c is not null) is { } caveat)
        {
            error.WriteLine($"streamlearn: {caveat}");
        }

        writer.WriteLine(Watching.Head(isByDevice, hasTime));
        var refused = rows.Read((device, batch, row) => devices[device].Add(batch, row));
        writer.Flush();
        foreach (var row in refused.Take(LeftOutRows.Shown))
        {
            error.WriteLine($"streamlearn: left out {PrintableText.Of(Printable.Place(row))}");
        }

        if (refused.Count > LeftOutRows.Shown) { error.WriteLine($"streamlearn: {Printable.Rows(refused.Count)} left out in all"); }
        foreach (var line in devices.SelectMany(static d => d.Summary())) { error.WriteLine($"streamlearn: {PrintableText.Of(line)}"); }
        return ExitCode.Done;
    }

    /// <summary>One per device, trained on the same normal files.</summary>
    /// <exception cref="ProgramException">Unreadable, or too few rows.</exception>
    internal static TaughtDetector[] Taught(WatchOptions options, string usual, ImmutableArray<FileColumn> channels, int devices)
    {
        var rows = UsualFiles.Read(usual, options.Look.Form, channels, options.Rule, Option);
        var ranges = new LearnedRanges(channels.Length);
        for (var at = 0; at < rows.Length; at += channels.Length) { ranges.Add(rows.AsSpan(at, channels.Length)); }
        return [.. Enumerable.Range(0, devices).Select(_ => new TaughtDetector(
            options.DetectorOf("--usual", channels.Length, rows.Length / channels.Length, isAllUsual: true, rows), ranges))];
    }

    internal sealed record TaughtDetector(AnomalyDetector Detector, LearnedRanges Ranges);

    internal static LookOptions LookAtUsual(string usual, LookOptions said) =>
        UsualFiles.IsArrow(usual, Option) ? said with { Arrow = usual } : said with { Csv = usual };

    private static ScoreFile? Open(FileInfo? file, OwnColumns columns)
    {
        if (file is null) { return null; }
        if (columns.Files.Set.Files.Any(f => Path.GetFullPath(f) == file.FullName))
        {
            throw new ProgramException($"--out: {file} has the rows: name another file for the scores", ExitCode.BadCommandLine);
        }

        return Open(file, isLive: false);
    }

    internal static ScoreFile Open(FileInfo file, bool isLive)
    {
        StreamWriter? writer = null;
        Files.Guard($"{file}", () =>
        {
            file.Directory?.Create();
            writer = new(new FileStream(file.FullName, FileMode.Create, FileAccess.Write, FileShare.Read),
                new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
            { AutoFlush = isLive };
        });
        return new(writer!, $"{file}");
    }

    private sealed record Rows(IOwnFiles Files, ImmutableArray<FileColumn> Channels, FileColumn? Time, OwnColumns? ByDevice,
        ImmutableArray<string> Devices, string Option)
    {
        internal static Rows Of(OwnColumns columns, bool isByDevice) => new(columns.Files, columns.Channels, columns.Time,
            isByDevice ? columns : null, columns.Devices, columns.Files.Option);

        internal long[] Count(AnomalyRule rule, ImmutableArray<string> names)
        {
            var (counts, values) = (new long[Math.Max(1, Devices.Length)], new float[names.Length]);
            Read((device, batch, row) => counts[device] += Watching.CanJudge(rule, batch, row, names, values) ? 1 : 0);
            return counts;
        }

        /// <summary>Returns unreadable rows.</summary>
        internal List<RefusedRow> Read(Action<int, Batch, int> take)
        {
            List<FileColumn> columns = Time is null ? [] : [Time];
            columns.AddRange(Channels);
            if (ByDevice is { Device: { } device, DeviceIsPart: false })
            {
                columns.Add(FileColumn.Class(DeviceOfRow, Devices) with { Source = device });
            }

            try
            {
                return OwnReader.Read(Files, new(columns) { FileColumn = OwnForm.FileOfRow, SamplesPerSecond = Time is null ? 1 : null },
                    batch =>
                    {
                        for (var row = 0; row < batch.Rows; row++) { take(DeviceOf(batch, row), batch, row); }
                    });
            }
            catch (BlockFailedException e) when (e.GetBaseException() is IOException or ProgramException)
            {
                ExceptionDispatchInfo.Throw(e.GetBaseException());      // whoever reads scores has left, or their disk is full
                throw;
            }
            catch (Exception e) when (e is FileRowsException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new ProgramException($"{Option}: {e.Message.ReplaceLineEndings(" ")}", ExitCode.DataRefused);
            }
        }

        private int DeviceOf(Batch batch, int row) => ByDevice switch
        {
            null => 0,
            { DeviceIsPart: true } => Files.Set.CodeOf(batch[OwnForm.FileOfRow].Values<int>()[row], ByDevice.Device!),
            { FilePerDevice: true } => batch[OwnForm.FileOfRow].Values<int>()[row],
            _ => batch[DeviceOfRow].Values<int>()[row],
        };
    }
}
