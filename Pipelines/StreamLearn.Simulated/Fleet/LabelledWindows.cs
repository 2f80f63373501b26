using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Simulated;

/// <summary>Windows made by the devices' blocks, with one label, or with a later label of the last row.
/// <paramref name="Features"/>: window after window, channel after channel. <paramref name="Owners"/>: indices into the names.</summary>
internal sealed record LabelledWindows(float[] Features, int[] Labels, int[] Owners, IReadOnlyList<string> Names)
{
    /// <summary>The current class of windows with later labels; −1 for none. Empty if labels are current.</summary>
    internal int[] Now { get; init; } = [];

    internal double? AccuracyOfNow => Now.Length == 0 ? null : Now.Zip(Labels, static (now, later) => now == later ? 1.0 : 0).Average();

    internal Sample Sample => new(Features, Labels);

    internal LabelledWindows Where(Func<int, bool> isMeant)
    {
        int[] rows = [.. Enumerable.Range(0, Labels.Length).Where(isMeant)];
        var size = Features.Length / Math.Max(1, Labels.Length);
        var features = new float[rows.Length * size];
        for (var i = 0; i < rows.Length; i++) { Features.AsSpan(rows[i] * size, size).CopyTo(features.AsSpan(i * size)); }
        return new(features, [.. rows.Select(r => Labels[r])], [.. rows.Select(r => Owners[r])], Names)
        {
            Now = Now.Length == 0 ? [] : [.. rows.Select(r => Now[r])],
        };
    }

    /// <summary>Collects windows in stream order. <paramref name="most"/>: approximate limit; beyond it, only every n-th window of each
    /// person is collected.</summary>
    internal static LabelledWindows Collect(FleetSource source, IReadOnlyList<string> names, long seed, int most = int.MaxValue)
    {
        var all = names.Sum(n => source.RowsOf(n) / source.HopSamples);
        var every = (int)Math.Max(1, (all + most - 1) / most);
        List<int> now = [];
        var rows = RowCollector.Play(names, source.Windows, n => n % every == 0, window =>
        {
            if (source.NowColumn is { } column && window.TryColumn(column, out var told)) { now.Add(told.Values<int>()[^1]); }
        }, seed);
        int[] owners = rows.Groups.IsEmpty ? new int[rows.Count] : [.. rows.Groups.Span];
        return new([.. rows.Features.Span], [.. rows.Labels.Span], owners, names) { Now = [.. now] };
    }
}
