namespace StreamLearn.Tables;

/// <summary>Checks numeric columns for clocks, counters, few values and missing-value codes.</summary>
internal sealed record ColumnSample(ImmutableArray<FileColumn> Columns, ImmutableArray<double[]> Values)
{
    private const int Rows = 2000;
    private const int LeastRows = 100;              // minimum rows for a meaningful share
    private const double MaxMissing = 0.5;
    private const double MuchMissing = 0.05;
    private const int MinRecording = 30;          // rows for a trend
    private const int PeriodsToShow = 5;

    /// <summary>Clocks and counters: columns monotonic in nearly every step of every recording, without regular resets. They are not
    /// measurements.</summary>
    public ImmutableHashSet<string> Rising { get; private init; } = [];

    /// <summary>Whole numbers that number blocks of rows, such as windows or trials, and parts of clocks, such as minutes.</summary>
    public ImmutableHashSet<string> Blocks { get; private init; } = [];

    /// <summary>All rows of each column.</summary>
    private ImmutableArray<ValueCount> Counts { get; init; } = [];

    /// <summary>The device of each row.</summary>
    private ImmutableArray<int> Owners { get; init; } = [];

    /// <summary>Steps and blocks are counted in all rows only of columns that increase, or may number blocks, in the first ones.</summary>
    internal static ColumnSample Of(
        IOwnFiles files, ImmutableArray<FileColumn> columns, string? device, ImmutableArray<string> devices, bool isFirstOnly)
    {
        var (values, owners) = (columns.Select(static _ => new List<double>()).ToList(), new List<int>());
        var first = Read(files, columns, columns.Length, device, devices, isFirstOnly: true, Rows, (c, value) => values[c].Add(value),
            owners.Add);
        var rising = first.OneWay(static (_, _) => false).ToImmutableHashSet();
        var numbering = columns.Zip(values).Where(static c => MayNumber(c.Second)).Select(static c => c.First).ToImmutableHashSet();
        var ordered = columns.OrderBy(c => rising.Contains(c) || numbering.Contains(c) ? 0 : 1).ToImmutableArray();
        List<ValueCount> counts = [.. ordered.Select(c => new ValueCount(ValueCount.Of(values[columns.IndexOf(c)])))];
        var all = Read(files, ordered, ordered.Count(c => rising.Contains(c) || numbering.Contains(c)), device, devices, isFirstOnly,
            int.MaxValue, (c, value) => counts[c].Add(value), static _ => { });
        return new(columns, [.. values.Select(static v => v.ToArray())])
        {
            Rising = [.. all.OneWay(static (column, steps) => !LookAtTimes.HasTimeWord(column.Source) && Repeats(steps))
                .Where(rising.Contains).Select(static c => c.Source)],
            Blocks = [.. all.Blocks(device is not null).Where(numbering.Contains).Select(static c => c.Source)],
            Counts = [.. columns.Select(c => counts[ordered.IndexOf(c)])],
            Owners = [.. owners],
        };
    }

    /// <summary><paramref name="counted"/>: columns, from the first, whose steps are counted.</summary>
    private static Recordings Read(IOwnFiles files, ImmutableArray<FileColumn> columns, int counted, string? device,
        ImmutableArray<string> devices, bool isFirstOnly, int most, Action<int, double> take, Action<int> takeOwner)
    {
        Recordings recordings = new(columns[..counted], []);
        if (columns.IsEmpty) { return recordings; }
        var read = columns.Select(static (c, i) =>
            FileColumn.Number($"v{i}", ColumnType.Float64, c.Field.Unit, nullable: true) with { Source = c.Source });
        OwnReader.ReadRows(files, read, device, devices, (batch, row, of) =>
        {
            if (!recordings.Of.TryGetValue(of, out var counts))
            {
                recordings.Of[of] = counts = (new StepCount[counted], [.. recordings.Columns.Select(static _ => new BlockCount())]);
            }

            takeOwner(of.Device);
            for (var c = 0; c < columns.Length; c++)
            {
                var value = batch.Columns[c].IsValid(row) ? batch.Columns[c].Values<double>()[row] : double.NaN;
                if (c < counted)
                {
                    counts.Steps[c].Add(value);
                    counts.Blocks[c].Add(value);
                }

                take(c, Math.Abs(value) < RowFilling.MaxValue ? value : double.NaN);      // a time may be larger
            }
        }, isFirstOnly, most);
        return recordings;
    }

    private static bool MayNumber(IEnumerable<double> values)
    {
        var count = new BlockCount();
        foreach (var value in values) { count.Add(value); }
        return count.MayBe;
    }

    private sealed record Recordings(
        ImmutableArray<FileColumn> Columns, Dictionary<(int File, int Device), (StepCount[] Steps, BlockCount[] Blocks)> Of)
    {
        internal IEnumerable<FileColumn> OneWay(Func<FileColumn, List<StepCount>, bool> isSignal) => Columns.Where((column, c) =>
            Of.Values.Select(r => r.Steps[c]).Where(static s => s.IsEnough).ToList() is { Count: > 0 } steps
            && steps.TrueForAll(static s => s.IsOneWay) && !isSignal(column, steps));

        internal IEnumerable<FileColumn> Blocks(bool ofDevices) => Columns.Where((_, c) => (Of.Values.Any(r => r.Blocks[c].IsFound)
            && Of.Values.All(r => r.Blocks[c].IsFound || r.Blocks[c].MayBe)) || (ofDevices && NumbersDevices(c)));

        private bool NumbersDevices(int column) => Of.Values.All(r => r.Blocks[column].IsConstant)
            && Of.GroupBy(static r => r.Key.Device).ToList() is { Count: > 1 } of
            && of.TrueForAll(d => d.Select(r => r.Value.Blocks[column].Last).Distinct().Count() == 1)
            && of.DistinctBy(d => d.First().Value.Blocks[column].Last).Count() == of.Count;
    }

    /// <summary>Returns true if the values reset regularly in every recording long enough to show it.</summary>
    private static bool Repeats(List<StepCount> recordings)
    {
        var longest = recordings.Max(static r => r.Period);
        return longest is not null && recordings.TrueForAll(r => r.Period is not null || r.Steps < PeriodsToShow * longest);
    }

    /// <summary>Returns why a column cannot be an input; null if it can.</summary>
    internal string? WhyNot(FileColumn column)
    {
        var share = MissingShare(column);
        return Rising.Contains(column.Source) ? "looks like a clock or a counter; --channels includes it"
            : Blocks.Contains(column.Source) ? "numbers devices or blocks of rows, or is a part of a clock; --channels includes it"
            : share > MaxMissing ? string.Create(CultureInfo.InvariantCulture,
                $"{100 * share:0} % of its values are missing; --channels includes it") : null;
    }

    internal IEnumerable<string> Doubts(IReadOnlyCollection<FileColumn> channels)
    {
        foreach (var channel in channels)
        {
            if (MissingShare(channel) is not (> MuchMissing and var share)) { continue; }
            yield return string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} % of the values of '{channel.Source}' are missing");
        }

        foreach (var sentinel in Sentinels(channels)) { yield return sentinel; }
    }

    /// <summary>Returns possible codes for missing values, one per line.</summary>
    internal IEnumerable<string> Sentinels(IReadOnlyCollection<FileColumn> channels)
    {
        foreach (var found in channels.Select(c => (Column: c.Source, Sentinel: CountOf(c).Code))
            .Where(static c => c.Sentinel is not null)
            .GroupBy(static c => c.Sentinel!.Value.Value))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{found.Key:R} occurs {found.Sum(static c => c.Sentinel!.Value.Times):N0} times ")
                + $"in {string.Join(", ", found.Select(static c => $"'{c.Column}'"))}, far from all other values: "
                + string.Create(CultureInfo.InvariantCulture, $"if it means a missing value, use --missing {found.Key:R}");
        }
    }

    /// <summary>Returns the mean correlation with the order of the rows of a device.</summary>
    internal double Trend(FileColumn column)
    {
        var owned = Owners.Distinct().ToDictionary(static o => o, static _ => new List<double>());
        foreach (var (value, owner) in ValuesOf(column).Zip(Owners))
        {
            if (double.IsFinite(value)) { owned[owner].Add(value); }
        }

        var recordings = owned.Values.Where(static r => r.Count >= MinRecording).Select(static r => r.ToArray()).ToList();
        return recordings.Count == 0 ? 0
            : recordings.Sum(static r => r.Length * Math.Abs(RisingLevel.Correlation(r))) / recordings.Sum(static r => r.Length);
    }

    internal double[] ValuesOf(FileColumn column) => Columns.Index().Where(c => c.Item.Source == column.Source)
        .Select(c => Values[c.Index]).FirstOrDefault([]);

    internal int DifferentValues(FileColumn column) => ValuesOf(column).Where(static v => !double.IsNaN(v)).Distinct().Count();

    private ValueCount CountOf(FileColumn column) => Columns.Zip(Counts).FirstOrDefault(c => c.First.Source == column.Source).Second
        ?? new();

    private double MissingShare(FileColumn column) => CountOf(column) is { Rows: >= LeastRows } all ? all.MissingShare : 0;
}
