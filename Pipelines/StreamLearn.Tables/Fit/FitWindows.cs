using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary>Windows with one label, or with a target or later label of the last row. <paramref name="Features"/>: window after window,
/// channel after channel. <paramref name="Owners"/>: indices into the names.</summary>
internal sealed record FitWindows(float[] Features, int[] Labels, int[] Owners, IReadOnlyList<string> Names)
{
    /// <summary>The target values, with labels 0; empty for classes.</summary>
    internal float[] Targets { get; init; } = [];

    /// <summary>The current class of windows with later labels; −1 for none. Empty if labels are current.</summary>
    internal int[] Now { get; init; } = [];

    internal int Count => Labels.Length;

    /// <summary>Share of windows whose class stays the same; null: no forecast.</summary>
    internal double? AccuracyOfNow => Now.Length == 0 ? null : Now.Zip(Labels, static (now, later) => now == later ? 1.0 : 0).Average();

    internal Sample Sample => new(Features, Labels) { Targets = Targets };

    internal RecordedRows Rows => Targets.Length > 0 ? new(Features, Targets) : new(Features, Labels);

    internal FitWindows Where(Func<int, bool> isMeant)
    {
        int[] rows = [.. Enumerable.Range(0, Count).Where(isMeant)];
        var size = Features.Length / Math.Max(1, Count);
        var features = new float[rows.Length * size];
        for (var i = 0; i < rows.Length; i++) { Features.AsSpan(rows[i] * size, size).CopyTo(features.AsSpan(i * size)); }
        return new(features, Of(Labels), Of(Owners), Names) { Targets = Of(Targets), Now = Of(Now) };

        T[] Of<T>(T[] all) => all.Length == 0 ? [] : [.. rows.Select(r => all[r])];
    }

    internal double ErrorOfMean(double mean) => Targets.Average(t => (double)Math.Abs(t - mean));

    /// <summary>Collects windows in stream order. <paramref name="most"/>: approximate limit; beyond it, only every n-th window of each
    /// device is collected.</summary>
    internal static FitWindows Collect(FitRows rows, IReadOnlyList<string> names, long seed, int most = int.MaxValue)
    {
        var all = names.Sum(n => rows.RowsOf(n) / rows.Preparation.HopRows);
        var every = (int)Math.Max(1, (all + most - 1) / most);
        List<int> now = [];
        var read = RowCollector.Play(names, Cut, n => rows.Takes(n, every), window =>
        {
            if (rows.NowColumn is { } column && window.TryColumn(column, out var told)) { now.Add(told.Values<int>()[^1]); }
        }, seed);
        int[] owners = read.Groups.IsEmpty ? new int[read.Count] : [.. read.Groups.Span];
        int[] labels = read.Labels.IsEmpty ? new int[read.Count] : [.. read.Labels.Span];
        return new([.. read.Features.Span], labels, owners, names) { Targets = [.. read.Targets.Span], Now = [.. now] };

        Flow<Batch> Cut(PipelineBuilder p, string name)
        {
            var cut = rows.Preparation.Cut(rows.Open(p, name).DropNonFinite(), rows.Segment);
            return rows.Preparation.Features(rows.ForecastsClasses ? cut.LastLabel() : cut);
        }
    }
}
