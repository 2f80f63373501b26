using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Programs;

namespace Tool;

/// <summary>Rows of a device without a gap: one recording. <paramref name="Offset"/>: its first row among those of the device.</summary>
internal readonly record struct OwnPart(int Offset, int Rows);

/// <summary>The rows of a device, in memory. <paramref name="Values"/>: row after row, a value for each channel. <paramref name="Labels"/>:
/// a class for each row; −1: none.</summary>
internal sealed record OwnDevice(string Name, float[] Values, short[] Labels, ImmutableArray<OwnPart> Parts);

/// <summary>Somebody's rows, read at once. <paramref name="Devices"/>: those of each device that has any. <paramref name="Notes"/>: what
/// was left out or filled in, a line each.</summary>
internal sealed record OwnRows(OwnColumns Columns, ImmutableArray<OwnDevice> Devices, ImmutableArray<string> Notes)
{
    private const long MaxValues = 1L << 29;        // 2 GiB
    private const int MaxFilled = 5;                // missing rows in a row that are filled in
    private const float MaxValue = 1e15f;           // of a channel: more is no reading, and its square would be no number

    /// <summary>Reads the files.</summary>
    /// <exception cref="ProgramException">They cannot be read, or are too many for the memory.</exception>
    internal static OwnRows Read(OwnColumns columns)
    {
        var growing = columns.Devices.Select(_ => new Growing(columns.Channels.Length)).ToList();
        List<FileColumn> read = [];
        if (columns.Time is { } time) { read.Add(time); }
        read.AddRange(columns.Channels);
        read.Add(FileColumn.Label(columns.Label!, columns.Classes));
        var ofDevice = columns.DeviceIsPart ? columns.Device : columns.Device is null ? null : "device";
        if (ofDevice is not null && !columns.DeviceIsPart)
        {
            read.Add(FileColumn.Class(ofDevice, columns.Devices) with { Source = columns.Device! });
        }

        var form = new OwnForm(read) { FileColumn = "file of the row" };
        var total = 0L;
        List<RefusedRow> refused;
        try
        {
            refused = OwnReader.Read(columns.Files, form, batch =>
            {
                total += (long)batch.Rows * columns.Channels.Length;
                if (total > MaxValues)
                {
                    throw new ProgramException($"{columns.Files.Option}: expected at most 2 GiB of values; name fewer files",
                        ExitCode.DataRefused);
                }

                Add(batch, columns, ofDevice, growing);
            });
        }
        catch (FileRowsException e)
        {
            throw new ProgramException($"{columns.Files.Option}: {e.Message}", ExitCode.DataRefused);
        }

        if (refused.Find(static r => r.Reason == FileFault.BadHeader) is { } head)
        {
            throw new ProgramException(Printable.Of($"{columns.Files.Option}: {Printable.Place(head)}"), ExitCode.DataRefused);
        }

        List<string> notes = columns.Time is null ? [.. columns.Noted] : [];
        if (columns.Time is { } named && refused.Find(r => TimesSeen.IsOf(r, named)) is { } untimed)
        {
            var count = refused.RemoveAll(r => TimesSeen.IsOf(r, named));
            notes.Add(Printable.Of($"{Printable.Rows(count)} without a time that can be read {Were(count)} left out, from "
                + Printable.Place(untimed)));
        }

        notes.AddRange(refused.Take(3).Select(static r => Printable.Of($"left out {Printable.Place(r)}")));
        if (refused.Count > 3) { notes.Add($"left out {Printable.Rows(refused.Count - 3)} more that cannot be read"); }
        var filled = growing.Sum(static g => g.Filled);
        if (filled > 0) { notes.Add($"{Printable.Rows(filled)} with missing values {Were(filled)} filled in"); }
        var dropped = growing.Sum(static g => g.Dropped);
        var again = growing.Sum(static g => g.Again);
        if (again > 0) { notes.Add($"{Printable.Rows(again)} with the time of the row before {Were(again)} left out"); }
        var fell = growing.Sum(static g => g.Fell);
        if (fell > 0) { notes.Add(TimesSeen.FallsText(columns.Time!.Source, Printable.Rows(fell))); }
        if (dropped > 0) { notes.Add($"{Printable.Rows(dropped)} in longer gaps of missing values {Were(dropped)} left out"); }
        var devices = columns.Devices.Zip(growing, static (name, g) => g.Done(name)).Where(static d => d.Labels.Length > 0)
            .ToImmutableArray();
        var slow = devices.Where(static d => d.Labels.Length > 2 && d.Parts.Length * 2L > d.Labels.Length).ToList();
        if (slow.Count > 0)
        {
            var names = string.Join(", ", slow.Take(3).Select(static d => d.Name)) + (slow.Count > 3 ? ", …" : "");
            notes.Add(Printable.Of(FormattableString.Invariant(
                $"rows of {names} do not come {columns.Rate:0.###} a second: they make no windows")));
        }

        return new(columns, devices, [.. notes]);
    }

    private static string Were(long count) => count == 1 ? "was" : "were";

    private static void Add(Batch batch, OwnColumns columns, string? ofDevice, List<Growing> growing)
    {
        var times = columns.Time is null ? default : batch[Schema.TimeColumn].Values<long>();
        var label = batch[Schema.LabelColumn];
        var files = batch["file of the row"].Values<int>();
        var whose = ofDevice is not null ? batch[ofDevice].Values<int>() : columns.FilePerDevice ? files : default;
        var maxStep = columns.Rate is { } rate ? (long)(StepLength.GapRows * 1e9 / rate) : long.MaxValue;
        Span<float> values = stackalloc float[Math.Min(columns.Channels.Length, 256)];
        if (columns.Channels.Length > values.Length) { values = new float[columns.Channels.Length]; }
        Column[] channels = [.. columns.Channels.Select(c => batch[c.Field.Name])];
        for (var row = 0; row < batch.Rows; row++)
        {
            var isWhole = true;
            for (var c = 0; c < values.Length; c++)
            {
                var column = channels[c];
                values[c] = column.IsValid(row) ? column.Values<float>()[row] : float.NaN;
                isWhole &= MathF.Abs(values[c]) < MaxValue;
            }

            var device = growing[whose.IsEmpty ? 0 : whose[row]];
            if (!device.At(times.IsEmpty ? null : times[row], files[row], maxStep)) { continue; }
            if (isWhole) { device.Add(values, label.IsValid(row) ? (short)label.Values<int>()[row] : (short)-1); }
            else { device.Miss(); }
        }
    }

    /// <summary>The rows of a device while they are read.</summary>
    private sealed class Growing(int channels)
    {
        private readonly List<float> _values = [];
        private readonly List<short> _labels = [];
        private readonly List<OwnPart> _parts = [];
        private int _begin;
        private int _missed;
        private int _file = -1;
        private long? _time;

        internal long Filled { get; private set; }

        internal long Dropped { get; private set; }

        internal long Again { get; private set; }

        internal long Fell { get; private set; }

        /// <summary>A row comes: after a gap in time, or in another file, it begins a recording. False: it has the time of the one
        /// before.</summary>
        internal bool At(long? time, int file, long maxStep)
        {
            if (file == _file && time is not null && time == _time)
            {
                Again++;
                return false;
            }

            if (file == _file && time < _time) { Fell++; }
            if (file != _file || (time is { } now && _time is { } before && (now <= before || now - before > maxStep))) { End(); }
            (_file, _time) = (file, time);
            return true;
        }

        internal void Add(ReadOnlySpan<float> values, short label)
        {
            if (_missed > MaxFilled || _labels.Count == _begin) { End(); }
            for (var i = 1; i <= _missed; i++)
            {
                var from = _values.Count - channels;
                for (var c = 0; c < channels; c++)
                {
                    var before = _values[from - ((i - 1) * channels) + c];
                    _values.Add(before + ((values[c] - before) * i / (_missed + 1)));
                }

                _labels.Add(_labels[^1] == label ? label : (short)-1);
                Filled++;
            }

            _missed = 0;
            _values.AddRange(values);
            _labels.Add(label);
        }

        internal void Miss() => _missed++;

        internal OwnDevice Done(string name)
        {
            End();
            return new(name, [.. CollectionsMarshal.AsSpan(_values)], [.. _labels], [.. _parts]);
        }

        private void End()
        {
            (Dropped, _missed) = (Dropped + _missed, 0);
            if (_labels.Count > _begin) { _parts.Add(new(_begin, _labels.Count - _begin)); }
            _begin = _labels.Count;
        }
    }
}
