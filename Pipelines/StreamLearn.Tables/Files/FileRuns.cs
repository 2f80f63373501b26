namespace StreamLearn.Tables;

/// <summary>Run lengths of labels and of constant channels in files.</summary>
internal sealed record FileRuns(IReadOnlyList<int> Labels, IReadOnlyList<int> Still, bool HasEvenClasses, bool HasOneClassEach)
{
    private const int RowsLookedAt = 200_000;

    /// <summary>Range of the target values; null: no values, or classes are learned.</summary>
    public (double Low, double High)? Range { get; private init; }

    private const string DeviceOfRow = "device of the row";

    internal static FileRuns Of(OwnColumns look)
    {
        var isLabelled = look.Label is not null && look.Target is null;
        List<FileColumn> columns = [.. look.Channels];
        if (look.Target is { } value) { columns.Add(value); }
        else if (isLabelled) { columns.Add(FileColumn.Label(look.Label!, look.Classes)); }
        var isByColumn = look is { Device: not null, DeviceIsPart: false };
        if (isByColumn) { columns.Add(FileColumn.Class(DeviceOfRow, look.Devices) with { Source = look.Device! }); }
        Dictionary<(int File, int Device), (List<int> Labels, Standing[] Channels)> seen = [];
        (double Low, double High)? range = null;
        OwnReader.Read(look.Files, new(columns) { FileColumn = OwnForm.FileOfRow }, batch =>
        {
            var files = batch[OwnForm.FileOfRow].Values<int>();
            batch.TryColumn(isLabelled ? Schema.LabelColumn : Schema.TargetColumn, out var told);
            var whose = isByColumn ? batch[DeviceOfRow].Values<int>() : default;
            Column[] channels = [.. look.Channels.Select(c => batch[c.Field.Name])];
            for (var row = 0; row < batch.Rows; row++)
            {
                var key = (files[row], whose.IsEmpty ? 0 : whose[row]);
                if (!seen.TryGetValue(key, out var rows)) { seen[key] = rows = ([], new Standing[channels.Length]); }
                rows.Labels.Add(!isLabelled ? 0 : told.IsValid(row) ? told.Values<int>()[row] : -1);
                if (look.Target is not null && told.IsValid(row)) { range = Wider(range, told.Values<double>()[row]); }
                for (var c = 0; c < channels.Length; c++)
                {
                    if (channels[c].IsValid(row)) { rows.Channels[c] = rows.Channels[c].Then(channels[c].Values<float>()[row]); }
                }
            }
        }, RowsLookedAt);
        return new([.. seen.Values.SelectMany(static r => LabelRuns.Of(r.Labels, isWhole: true))],
            [.. look.Channels.Select((_, c) => seen.Values.Select(r => r.Channels[c].Longest).DefaultIfEmpty().Max())],
            ClassBalance.IsEven(seen.Values.SelectMany(static r => r.Labels)),
            isLabelled && AreOfOneClass(look, seen.Select(static s => (s.Key, s.Value.Labels))))
        {
            Range = range,
        };
    }

    private static (double Low, double High)? Wider((double Low, double High)? range, double value) =>
        !double.IsFinite(value) ? range : range is var (low, high) ? (Math.Min(low, value), Math.Max(high, value)) : (value, value);

    private static bool AreOfOneClass(OwnColumns look, IEnumerable<((int File, int Device) Key, List<int> Labels)> runs)
    {
        var devices = runs.GroupBy(
            r => look.DeviceIsPart ? look.Files.Set.CodeOf(r.Key.File, look.Device!) : look.FilePerDevice ? r.Key.File : r.Key.Device,
            static r => r.Labels.Where(static l => l >= 0).Distinct()).ToList();
        return devices.Count > 1 && devices.TrueForAll(static d => d.SelectMany(static l => l).Distinct().Count() <= 1);
    }

    private readonly record struct Standing(float Value, int Rows, int Longest)
    {
        internal Standing Then(float value)
        {
            var rows = value == Value ? Rows + 1 : 1;
            return new(value, rows, Math.Max(Longest, rows));
        }
    }
}
