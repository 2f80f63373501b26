using System.Runtime.InteropServices;

namespace StreamLearn.Tables;

/// <summary>Reads rows for <see cref="Leaks"/>. <paramref name="time"/>: ends recordings; null: files and devices do.</summary>
internal sealed class LeakReading(IOwnFiles files, DeviceRole device, ImmutableArray<string> devices, FileColumn? time, AnswerRole answer,
    OtherFiles others)
{
    private const string DeviceOfRow = "device of the row";
    private const double GapSteps = 10;          // usual steps of time
    private const int MinSteps = 10;

    internal ImmutableArray<string> Devices => devices;

    internal int Classes => answer.Target is null && answer.Classes.Length <= AnswerRole.MaxClasses ? answer.Classes.Length : 0;

    internal Leaks Read(ImmutableArray<FileColumn> judged, ImmutableArray<FileColumn> witnesses)
    {
        ImmutableArray<FileColumn> numbers = [.. judged.Union(witnesses)];
        var (hasTime, hasLabel) = (time is not null && judged.Length > 0, answer.Column is not null && judged.Length > 0);
        List<FileColumn> read = [];
        if (hasTime) { read.Add(time!); }
        if (hasLabel) { read.Add(FileColumn.Label(answer.Column!, answer.Classes)); }
        var first = read.Count;
        read.AddRange(numbers.Select(static (c, i) =>
            FileColumn.Number($"v{i}", ColumnType.Float64, c.Field.Unit, nullable: true) with { Source = c.Source }));
        if (device.Column is { } column) { read.Add(FileColumn.Class(DeviceOfRow, devices) with { Source = column }); }
        int[] places = [.. witnesses.Select(w => first + numbers.IndexOf(w))];
        var (copies, recordings) = (new DeviceCopies(devices.Length), new Dictionary<(int File, int Device), Recording>());
        var columns = judged.Select(static _ => (Second: new SecondLabels(), Level: new RisingLevel())).ToList();
        OwnForm form = new(read) { FileColumn = OwnForm.FileOfRow, IsFirstOnly = others.Lack(read.Select(static c => c.Source)) };
        OwnReader.Read(files, form, batch =>
        {
            var file = batch[OwnForm.FileOfRow].Values<int>();
            var owner = device.Column is null ? default : batch[DeviceOfRow].Values<int>();
            AddTo(copies, batch, places, file, owner);
            if (judged.IsEmpty) { return; }
            var (of, labels, ended) = (new Recording[batch.Rows], new int[batch.Rows], new List<Recording>());
            for (var row = 0; row < batch.Rows; row++)
            {
                ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    recordings, (file[row], owner.IsEmpty ? 0 : owner[row]), out _);
                if (open is null || (hasTime && open.EndsAt(batch.Columns[0].Values<long>()[row])))
                {
                    if (open is not null) { ended.Add(open); }
                    open = new(judged.Length);
                }

                of[row] = open;
                labels[row] = !hasLabel ? files.Set.CodeOf(file[row], answer.Label!)
                    : batch.Columns[first - 1].IsValid(row) ? batch.Columns[first - 1].Values<int>()[row] : -1;
            }

            for (var c = 0; c < columns.Count; c++) { AddTo(columns[c].Second, c, batch.Columns[first + c], of, labels); }
            ended.ForEach(Close);
        });
        foreach (var recording in recordings.Values) { Close(recording); }
        return new([.. Of(static c => c.Second.IsSecondLabel)], [.. Of(static c => c.Level.IsClock)],
            [.. Of(static c => c.Level.IsRising && !c.Level.IsClock)], copies.Pairs());

        void Close(Recording recording)
        {
            for (var c = 0; c < columns.Count; c++) { columns[c].Level.Add(recording.Levels[c]); }
        }

        IEnumerable<string> Of(Func<(SecondLabels Second, RisingLevel Level), bool> isMeant) =>
            judged.Where((_, c) => isMeant(columns[c])).Select(static c => c.Source);
    }

    /// <summary>Adds the values of a column that is judged.</summary>
    private static void AddTo(SecondLabels second, int number, Column column, Recording[] of, int[] labels)
    {
        var values = new double[labels.Length];
        Copy(column, values);
        for (var row = 0; row < values.Length; row++)
        {
            if (!(Math.Abs(values[row]) < RowFilling.MaxValue)) { continue; }
            if (labels[row] >= 0) { second.Add(labels[row], values[row]); }
            of[row].Levels[number].Add(values[row], labels[row]);
        }
    }

    private void AddTo(DeviceCopies copies, Batch batch, int[] places, ReadOnlySpan<int> file, ReadOnlySpan<int> owner)
    {
        if (places.Length == 0) { return; }
        var (hashes, values) = (new ulong[batch.Rows], new double[batch.Rows]);
        foreach (var place in places)
        {
            Copy(batch.Columns[place], values);
            for (var row = 0; row < hashes.Length; row++) { hashes[row] = DeviceCopies.With(hashes[row], (float)values[row]); }
        }

        for (var row = 0; row < hashes.Length; row++)
        {
            copies.Add(device.IsPart ? files.Set.CodeOf(file[row], device.Name!) : device.FilePerDevice ? file[row]
                : owner.IsEmpty ? 0 : owner[row], hashes[row]);
        }
    }

    /// <summary>Copies values, NaN where one is missing.</summary>
    private static void Copy(Column column, Span<double> values)
    {
        column.Values<double>().CopyTo(values);
        var validity = column.Validity;
        for (var row = 0; row < values.Length; row++)
        {
            if ((validity[row >> 3] & (1 << (row & 7))) == 0) { values[row] = double.NaN; }
        }
    }

    private sealed class Recording(int columns)
    {
        private long? _first;
        private long _last;
        private long _steps;

        internal LevelMeans[] Levels { get; } = [.. Enumerable.Range(0, columns).Select(static _ => new LevelMeans())];

        /// <summary>Returns true if the time falls, or rises far more than usual.</summary>
        internal bool EndsAt(long time)
        {
            var isEnd = _first is { } first && (time < _last
                || (_steps >= MinSteps && time - _last > GapSteps * ((_last - first) / (double)_steps)));
            (_first, _steps) = (_first ?? time, _steps + 1);
            _last = time;
            return isEnd;
        }
    }
}
