using System.Collections.Concurrent;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Tool;

/// <summary>By device; null: one device. Thread-safe.</summary>
internal sealed class DeviceSilences(DeviceNames? devices)
{
    private readonly ConcurrentDictionary<int, Silences> _of = new();

    internal Silences Of(int device) => _of.GetOrAdd(device, place =>
    {
        var of = devices is null ? "" : $"{devices.All[place]}: ";
        return new(text => Console.Error.WriteLine($"streamlearn: {of}{text}"));
    });

    internal void End()
    {
        foreach (var (_, of) in _of.OrderBy(static s => s.Key)) { of.End(); }
    }
}

internal sealed class Silences(Action<string> say)
{
    private const int Shown = 20;
    private const long Recording = 3600L * 1_000_000_000;       // nanoseconds without rows that separate recordings

    private readonly ConcurrentQueue<RowGap> _gaps = new();
    private long? _before;      // time of the last answered row
    private int _count;
    private int _recordings;

    /// <summary>Called by the detecting block, which is ahead of the caller.</summary>
    internal void Add(RowGap gap) => _gaps.Enqueue(gap);

    internal Batch Pass(Batch window)
    {
        var place = PlaceOf(window);
        if (Why(place) is { } why)
        {
            Say(_before is not { } last ? $"before {Text(place.First)}"
                : last <= place.First ? $"between {Text(last)} and {Text(place.First)}"
                : $"after {Text(last)}, until rows of {Text(place.First)}", why);
        }

        _before = window[Schema.TimeColumn].Values<long>()[^1];
        return window;
    }

    internal void End()
    {
        if (_before is { } last && Why((int.MaxValue, long.MaxValue)) is { } why) { Say($"after {Text(last)}", why); }
        if (_count == 0) { return; }
        say(FormattableString.Invariant($"{_count:N0} {(_count == 1 ? "range" : "ranges")} of rows without answers"));
    }

    /// <summary>Returns why a window is missing; null: unknown.</summary>
    private string? Why((int Segment, long First) window)
    {
        List<string> reasons = [];
        while (_gaps.TryPeek(out var gap) && gap.Segment <= window.Segment && _gaps.TryDequeue(out _))
        {
            if (gap is { LeftOut: 0, To: { } next } && next - gap.From >= Recording) { SayRecording(next, next - gap.From); }
            else { reasons.Add(Text(gap)); }
        }

        return reasons.Count == 0 ? null
            : reasons[0] + (reasons.Count == 1 ? "" : FormattableString.Invariant($", and {reasons.Count - 1:N0} more: {reasons[^1]}"));
    }

    private void Say(string where, string why)
    {
        if (++_count <= Shown) { say($"no answers {where}: {why}"); }
    }

    private void SayRecording(long begins, long after)
    {
        if (++_recordings > Shown) { return; }
        say($"another recording begins at {Text(begins)}, "
            + string.Create(CultureInfo.InvariantCulture, $"{after / 3.6e12:0.#} h after the previous row"));
    }

    private static string Text(RowGap gap) =>
        gap.LeftOut > 0 ? $"{Printable.Rows(gap.LeftOut)} {(gap.LeftOut == 1 ? "lacks" : "lack")} a value"
        : gap.To < gap.From ? "the time falls"
        : string.Create(CultureInfo.InvariantCulture, $"no rows for {(gap.To!.Value - gap.From) / 1e9:0.###} s");

    private static string Text(long time) => TimeText.Of(time);

    private static (int Segment, long First) PlaceOf(Batch window) => (
        window[CheckQualityOptions.SegmentColumn].Values<int>()[0], window[Schema.TimeColumn].Values<long>()[0]);
}
