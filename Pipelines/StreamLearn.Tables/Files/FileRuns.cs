namespace StreamLearn.Tables;

/// <summary>Run lengths of labels and of constant channels in files.</summary>
internal sealed record FileRuns(IReadOnlyList<int> Labels, IReadOnlyList<int> Still, bool HasEvenClasses, bool HasOneClassEach)
{
    private const int RowsLookedAt = 200_000;
    private const double MinShare = 0.02;       // of the rows; a class of fewer may be a slip

    /// <summary>The longest run of the class whose runs are shortest; 0 without classes.</summary>
    public int ShortestClass { get; private init; }

    /// <summary>Range of the target values; null: none or classes are learned.</summary>
    public (double Low, double High)? Range { get; private init; }

    internal static FileRuns Of(OwnColumns look)
    {
        var isLabelled = look.Label is not null && look.Target is null;
        List<FileColumn> columns = [.. look.Channels];
        if (look.Target is { } value) { columns.Add(value); }
        else if (isLabelled) { columns.Add(FileColumn.Label(look.Label!, look.Classes)); }
        Dictionary<(int File, int Device), (List<int> Labels, Standing[] Channels)> seen = [];
        (double Low, double High)? range = null;
        OwnReader.ReadRows(look.Files, columns, look.DeviceColumn, look.Devices, (batch, row, of) =>
        {
            if (!seen.TryGetValue(of, out var rows)) { seen[of] = rows = ([], new Standing[look.Channels.Length]); }
            batch.TryColumn(isLabelled ? Schema.LabelColumn : Schema.TargetColumn, out var told);
            rows.Labels.Add(!isLabelled ? 0 : told.IsValid(row) ? told.Values<int>()[row] : -1);
            if (look.Target is not null && told.IsValid(row)) { range = Wider(range, told.Values<double>()[row]); }
            for (var c = 0; c < look.Channels.Length; c++)
            {
                var channel = batch.Columns[c];
                if (channel.IsValid(row)) { rows.Channels[c] = rows.Channels[c].Then(channel.Values<float>()[row]); }
            }
        }, most: RowsLookedAt);
        return new([.. seen.Values.SelectMany(static r => LabelRuns.Of(r.Labels, isWhole: true))],
            [.. look.Channels.Select((_, c) => seen.Values.Select(r => r.Channels[c].Longest).DefaultIfEmpty().Max())],
            ClassBalance.IsEven(seen.Values.SelectMany(static r => r.Labels)),
            isLabelled && AreOfOneClass(look, seen.Select(static s => (s.Key, s.Value.Labels))))
        {
            Range = range,
            ShortestClass = isLabelled ? Shortest([.. seen.Values.SelectMany(static r => LabelRuns.OfEach(r.Labels, isWhole: true))]) : 0,
        };
    }

    private static int Shortest(List<(int Label, int Rows)> runs)
    {
        var rows = runs.Sum(static r => (long)r.Rows);
        return runs.GroupBy(static r => r.Label).Where(c => c.Sum(static r => (long)r.Rows) >= MinShare * rows)
            .Select(static c => c.Max(static r => r.Rows)).DefaultIfEmpty().Min();
    }

    private static (double Low, double High)? Wider((double Low, double High)? range, double value) =>
        !double.IsFinite(value) ? range : range is var (low, high) ? (Math.Min(low, value), Math.Max(high, value)) : (value, value);

    private static bool AreOfOneClass(OwnColumns look, IEnumerable<((int File, int Device) Key, List<int> Labels)> runs)
    {
        var devices = runs.GroupBy(r => look.DeviceOf(r.Key), static r => r.Labels.Where(static l => l >= 0).Distinct()).ToList();
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
