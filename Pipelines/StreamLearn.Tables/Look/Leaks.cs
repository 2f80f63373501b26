namespace StreamLearn.Tables;

/// <summary>What the values of all rows give away: columns that repeat the label, levels that rise all along, devices that are
/// copies.</summary>
internal sealed record Leaks(ImmutableHashSet<string> SecondLabels, ImmutableHashSet<string> Clocks, ImmutableHashSet<string> Rising,
    ImmutableArray<DeviceCopy> Copies)
{
    private const int MaxTrends = 12;
    private const double MinTrend = 0.15;        // correlation with the order of the first rows
    private const int Witnesses = 3;             // columns that are compared first, to find copies
    private const int MaxWitnesses = 32;

    internal static Leaks None { get; } = new([], [], [], []);

    /// <summary>Reads the rows once, and again if devices may be copies. <paramref name="columns"/>: those that may be channels.
    /// <paramref name="isChosen"/>: true if the options name them.</summary>
    internal static Leaks Of(LeakReading reading, ImmutableArray<FileColumn> columns, ColumnSample sample, bool isChosen)
    {
        var varied = columns.OrderByDescending(sample.DifferentValues).ToList();
        ImmutableArray<FileColumn> witnesses = reading.Devices.Length < 2 ? [] : [.. varied.Take(Witnesses)];
        ImmutableArray<FileColumn> judged = isChosen || reading.Classes < 2 ? [] :
        [
            .. columns.Where(c => Tables.SecondLabels.AreFew(sample.ValuesOf(c), reading.Classes))
                .Concat(columns.Select(c => (Column: c, Trend: sample.Trend(c))).Where(static c => c.Trend >= MinTrend)
                    .OrderByDescending(static c => c.Trend).Take(MaxTrends).Select(static c => c.Column)).Distinct(),
        ];
        if (judged.IsEmpty && witnesses.IsEmpty) { return None; }
        var found = reading.Read(judged, witnesses);
        return found.Copies.IsEmpty || columns.Length <= Witnesses ? found
            : found with { Copies = reading.Read([], [.. varied.Take(MaxWitnesses)]).Copies };
    }
}
