using System.Runtime.InteropServices;

namespace StreamLearn.Tables;

/// <summary>A recording without gaps. <paramref name="Offset"/>: position of its first row among the device's rows.</summary>
internal readonly record struct OwnPart(int Offset, int Rows);

/// <summary><paramref name="Values"/>: row after row. <paramref name="Labels"/>: per row; −1 for none.</summary>
internal sealed record OwnDevice(string Name, float[] Values, short[] Labels, ImmutableArray<OwnPart> Parts)
{
    /// <summary>The name in the rows, where <see cref="Name"/> may be one for a pipeline.</summary>
    internal string Source { get; } = Name;

    /// <summary>Targets, with class 0; empty for classes.</summary>
    internal double[] Targets { get; init; } = [];

    /// <summary>Current classes if labels are later ones; otherwise empty.</summary>
    internal short[] Now { get; init; } = [];

    /// <summary>Time of each row, for a forecast; otherwise empty.</summary>
    internal long[] Times { get; init; } = [];

    /// <summary>True if a window's last row gives its value or later class, false if all rows share a label.</summary>
    internal bool TellsByLast => Targets.Length > 0 || Now.Length > 0;

    /// <summary>True if most steps of time are gaps at the rate of the others, so that no window fills.</summary>
    internal bool LacksRate => Labels.Length > 2 && Parts.Length * 2L > Labels.Length;

    /// <summary>Lengths of the runs of rows with one label, or of recordings.</summary>
    internal IEnumerable<int> Runs => TellsByLast ? Parts.Select(static p => p.Rows) : RunsOfLabels.Select(static r => r.Rows);

    internal IEnumerable<(int Label, int Rows)> RunsOfLabels =>
        Parts.SelectMany(p => LabelRuns.OfEach(Labels[p.Offset..(p.Offset + p.Rows)].Select(static l => (int)l), isWhole: true));

    /// <summary>Returns whether the device has a window. One without a window of one label never sends anything, and a barrier would wait
    /// for it.</summary>
    internal bool HasWindow(int samples, int hop) => TellsByLast ? Windows(samples, hop) > 0 : Runs.Any(r => r >= samples);

    /// <summary>Returns the number of windows with one label, or with a target in the last row.</summary>
    internal int Windows(int samples, int hop)
    {
        var count = 0;
        foreach (var part in Parts)
        {
            var labels = Labels.AsSpan(part.Offset, part.Rows);
            if (TellsByLast)
            {
                for (var last = samples - 1; last < labels.Length; last += hop) { count += labels[last] >= 0 ? 1 : 0; }
                continue;
            }

            for (var (first, row) = (0, 1); row <= labels.Length; row++)
            {
                if (row < labels.Length && labels[row] == labels[first]) { continue; }
                if (labels[first] >= 0 && row - first >= samples) { count += ((row - samples) / hop) - ((first + hop - 1) / hop) + 1; }
                first = row;
            }
        }

        return count;
    }

    /// <summary>Shifts labels within each recording.</summary>
    internal OwnDevice Ahead(int rows)
    {
        var (labels, targets) = (new short[Labels.Length], new double[Targets.Length]);
        labels.AsSpan().Fill(-1);
        foreach (var part in Parts)
        {
            var (from, count) = (part.Offset + rows, Math.Max(0, part.Rows - rows));
            if (count == 0) { continue; }
            Labels.AsSpan(from, count).CopyTo(labels.AsSpan(part.Offset));
            if (targets.Length > 0) { Targets.AsSpan(from, count).CopyTo(targets.AsSpan(part.Offset)); }
        }

        return this with { Labels = labels, Targets = targets, Now = targets.Length > 0 ? [] : Labels };
    }
}

internal sealed record OwnRows(OwnColumns Columns, ImmutableArray<OwnDevice> Devices, ImmutableArray<string> Notes)
{
    private const long MaxValues = 1L << 29;        // 2 GiB

    /// <summary>Rows that cannot be read, other than for their time, one per line; part of the notes.</summary>
    internal ImmutableArray<string> Unreadable { get; init; } = [];

    /// <summary>Runs of the devices that may have windows: those that decide how long these are.</summary>
    internal IEnumerable<int> Runs => Devices.Where(static d => !d.LacksRate).SelectMany(static d => d.Runs);

    /// <summary>Maximum number of consecutive missing rows to fill.</summary>
    internal const int MaxFilled = 5;

    /// <exception cref="ProgramException">Information is missing.</exception>
    internal static OwnColumns Complete(OwnColumns columns) => !columns.Unfit.IsEmpty
        ? throw new ProgramException($"{columns.Files.Option}: {string.Join("; ", columns.Unfit)}"
            + (columns.IgnoreOption is { } without ? $"; {without} drops columns that files lack" : ""), ProgramExit.DataRefused)
        : columns.Missing.IsEmpty ? columns
        : throw new ProgramException($"{columns.Files.Option}: missing: {string.Join("; ", columns.Missing)}", ProgramExit.BadCommandLine);

    internal static OwnRows Read(OwnColumns columns)
    {
        var growing = columns.Devices.Select(_ => new Growing(columns)).ToList();
        var ofDevice = columns.DeviceIsPart ? columns.Device : columns.Device is null ? null : "device";
        var refused = Read(columns, ofDevice, growing);
        List<string> notes = columns.Time is null ? [.. columns.Noted] : [];
        notes.AddRange(Untimed(columns, refused));
        string[] unreadable = [.. Refused(refused), .. Spellings.MayBeMissing(refused, columns)];
        var without = columns.Target is null ? growing.Sum(static g => g.Unlabelled) : 0;
        notes.AddRange(unreadable);
        growing.ForEach(static g => g.Rows.Break());
        notes.AddRange(Changed(columns, growing));
        var devices = columns.Devices.Zip(growing, static (name, g) => g.Done(name)).Where(static d => d.Labels.Length > 0)
            .ToImmutableArray();
        if (columns.Said.Ahead is { } ahead) { devices = Ahead(devices, ahead, columns.Rate!.Value); }
        var empty = columns.Devices.Except(devices.Select(static d => d.Name)).ToList();
        if (empty.Count > 0) { notes.Add(PrintableText.Of($"no row is left of {Printable.Listed(empty, 3)}")); }
        return new(columns, devices, [.. notes])
        {
            Unreadable = without == 0 ? [.. unreadable] : [.. unreadable, $"{Printable.Rows(without)} have no class: they teach nothing"],
        };
    }

    /// <summary>Returns rows that cannot be read.</summary>
    private static List<RefusedRow> Read(OwnColumns columns, string? ofDevice, List<Growing> growing)
    {
        List<FileColumn> read = [];
        if (columns.Time is { } time) { read.Add(time); }
        read.AddRange(columns.Channels);
        if (columns.Target is { } target)
        {
            if (!columns.Channels.Any(c => c.Source == target.Source)) { read.Add(target); }       // otherwise it is read as a channel
        }
        else if (!columns.LabelIsPart) { read.Add(FileColumn.Label(columns.Label!, columns.Classes)); }
        if (ofDevice is not null && !columns.DeviceIsPart)
        {
            read.Add(FileColumn.Class(ofDevice, columns.Devices) with { Source = columns.Device! });
        }

        var total = 0L;
        try
        {
            return OwnReader.Read(columns.Files, new OwnForm(read) { FileColumn = OwnForm.FileOfRow }, batch =>
            {
                total += (long)batch.Rows * columns.Channels.Length;
                if (total > MaxValues)
                {
                    throw new ProgramException($"{columns.Files.Option}: expected at most 2 GiB of values; name fewer files",
                        ProgramExit.DataRefused);
                }

                Add(batch, columns, ofDevice, growing);
            });
        }
        catch (FileRowsException e)
        {
            throw new ProgramException($"{columns.Files.Option}: {e.Message}", ProgramExit.DataRefused);
        }
    }

    private static IEnumerable<string> Untimed(OwnColumns columns, List<RefusedRow> refused)
    {
        if (refused.Find(static r => r.Reason == FileFault.BadHeader) is { } head)
        {
            throw new ProgramException(PrintableText.Of($"{columns.Files.Option}: {Printable.Place(head)}"), ProgramExit.DataRefused);
        }

        if (columns.Time is { } named && refused.Find(r => TimesSeen.IsOf(r, named)) is { } untimed)
        {
            var count = refused.RemoveAll(r => TimesSeen.IsOf(r, named));
            yield return PrintableText.Of($"{Printable.Rows(count)} without a readable time {Were(count)} left out, from "
                + Printable.Place(untimed));
        }
    }

    private static IEnumerable<string> Refused(List<RefusedRow> refused)
    {
        foreach (var row in refused.Take(3)) { yield return PrintableText.Of($"left out {Printable.Place(row)}"); }
        if (refused.Count > 3) { yield return $"left out {Printable.Rows(refused.Count - 3)} more unreadable ones"; }
    }

    private static IEnumerable<string> Changed(OwnColumns columns, List<Growing> growing)
    {
        var filled = growing.Sum(static g => g.Rows.Filling.Filled);
        if (filled > 0) { yield return $"{Printable.Rows(filled)} with missing values {Were(filled)} filled in"; }
        var between = growing.Sum(static g => g.Rows.Between);
        if (between > 0) { yield return $"{Printable.Rows(between)} missing between others {Were(between)} interpolated"; }
        var again = growing.Sum(static g => g.Rows.Filling.Again);
        if (again > 0) { yield return $"{Printable.Rows(again)} with the same time as the previous row {Were(again)} left out"; }
        var fell = growing.Sum(static g => g.Rows.Filling.Fell);
        if (fell > 0) { yield return TimesSeen.FallsText(columns.Time!.Source, Printable.Rows(fell)); }
        var stray = growing.Sum(static g => g.Rows.Filling.Stray);
        if (stray > 0) { yield return $"{Printable.Rows(stray)} with a time far from the surrounding rows {Were(stray)} left out"; }
        var dropped = growing.Sum(static g => g.Rows.Filling.LeftOut);
        var why = columns.Said.EachRow ? "that lack a value" : "in longer gaps of missing values";
        if (dropped > 0) { yield return $"{Printable.Rows(dropped)} {why} {Were(dropped)} left out"; }
    }

    private static ImmutableArray<OwnDevice> Ahead(ImmutableArray<OwnDevice> devices, TimeSpan ahead, double rate)
    {
        var rows = (int)Math.Clamp(Math.Round(ahead.TotalSeconds * rate), 1, int.MaxValue / 2);
        if (Math.Abs((rows / rate) - ahead.TotalSeconds) > ahead.TotalSeconds / 4)
        {
            throw new ProgramException(string.Create(CultureInfo.InvariantCulture,
                $"--ahead: no row is {ahead.TotalSeconds:0.######} s after another: rows are {1 / rate:0.######} s apart"),
                ProgramExit.BadCommandLine);
        }

        if (devices.Max(static d => d.Labels.Length) is var longest && longest <= rows)
        {
            throw new ProgramException(string.Create(CultureInfo.InvariantCulture,
                $"--ahead: the longest recording lasts {longest / rate:0.###} s; no row has a value {ahead.TotalSeconds:0.###} s after it"),
                ProgramExit.DataRefused);
        }

        return [.. devices.Select(d => d.Ahead(rows))];
    }

    private static string Were(long count) => count == 1 ? "was" : "were";

    private static void Add(Batch batch, OwnColumns columns, string? ofDevice, List<Growing> growing)
    {
        var times = columns.Time is null ? default : batch[Schema.TimeColumn].Values<long>();
        var place = -1;     // index of the target among the channels
        for (var c = 0; columns.Target is { } target && c < columns.Channels.Length; c++)
        {
            if (columns.Channels[c].Source == target.Source) { place = c; }
        }

        var told = batch[place >= 0 ? columns.Channels[place].Field.Name : columns.Target is not null ? Schema.TargetColumn
            : columns.LabelIsPart ? columns.Label! : Schema.LabelColumn];
        var files = batch[OwnForm.FileOfRow].Values<int>();
        var whose = ofDevice is not null ? batch[ofDevice].Values<int>() : columns.FilePerDevice ? files : default;
        Span<float> values = stackalloc float[Math.Min(columns.Channels.Length, 256)];
        if (columns.Channels.Length > values.Length) { values = new float[columns.Channels.Length]; }
        Column[] channels = [.. columns.Channels.Select(c => batch[c.Field.Name])];
        for (var row = 0; row < batch.Rows; row++)
        {
            for (var c = 0; c < values.Length; c++)
            {
                values[c] = channels[c].IsValid(row) ? channels[c].Values<float>()[row] : float.NaN;
            }

            var owner = growing[whose.IsEmpty ? 0 : whose[row]];
            owner.Add(times.IsEmpty ? null : times[row], files[row], values, !told.IsValid(row) ? -1
                : columns.Target is null ? told.Values<int>()[row] : owner.Told(place >= 0 ? values[place] : told.Values<double>()[row]));
        }
    }

    private sealed class Growing
    {
        private readonly List<float> _values = [];
        private readonly List<short> _labels = [];
        private readonly List<int> _begins = [];
        private readonly List<double> _told = [];       // targets in order of arrival
        private readonly List<double> _targets = [];    // targets by row
        private readonly List<long> _times = [];
        private readonly bool _isOfValues;
        private readonly bool _keepsTimes;
        private int _file = -1;

        internal Growing(OwnColumns columns)
        {
            (_isOfValues, _keepsTimes) = (columns.Target is not null, columns is { Said.Ahead: not null, Time: not null });
            Rows = new(columns.Channels.Length, columns.Rate, MaxFilled, gap: null, Take) { EachRow = columns.Said.EachRow };
        }

        internal PacedRows Rows { get; }
        internal long Unlabelled { get; private set; }

        internal void Add(long? time, int file, ReadOnlySpan<float> values, int label)
        {
            if (file != _file) { Rows.Break(); }
            _file = file;
            if (label < 0) { Unlabelled++; }
            Rows.Add(time, values, label);
        }

        /// <summary>Returns the index of a target, carried in place of a class; −1 for none.</summary>
        internal int Told(double value)
        {
            if (!float.IsFinite((float)value)) { return -1; }
            _told.Add(value);
            return _told.Count - 1;
        }

        internal OwnDevice Done(string name) => new(name, [.. CollectionsMarshal.AsSpan(_values)], [.. _labels],
            [.. _begins.Zip(_begins.Skip(1).Append(_labels.Count), static (from, to) => new OwnPart(from, to - from))])
        {
            Targets = [.. _targets],
            Times = [.. _times],
        };

        private void Take(long time, ReadOnlySpan<float> values, int label, bool isFirst)
        {
            if (isFirst) { _begins.Add(_labels.Count); }
            _values.AddRange(values);
            if (_keepsTimes) { _times.Add(time); }
            _labels.Add(_isOfValues ? (short)Math.Min(0, label) : (short)label);
            if (_isOfValues) { _targets.Add(label < 0 ? double.NaN : _told[label]); }
        }
    }
}
