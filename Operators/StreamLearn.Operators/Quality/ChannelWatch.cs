using System.Numerics.Tensors;

namespace StreamLearn.Operators;

internal sealed class ChannelWatch
{
    private readonly float _min;
    private readonly float _max;
    private readonly bool _hasRange;
    private readonly long _patience;        // nanoseconds without change before it is stuck
    private readonly float _within;
    private readonly long _gap;
    private readonly string _nonFinite;
    private readonly string _outOfRange;
    private readonly string _stuck;
    private float _stands;                  // the constant value and its time
    private long _since;
    private long _last;
    private bool _known;

    internal ChannelWatch(string channel, CheckQualityOptions options)
    {
        var check = options.Channels.FirstOrDefault(c => c.Channel == channel) ?? new(channel);
        (_min, _max) = (check.Min, check.Max);
        _hasRange = !float.IsNegativeInfinity(_min) || !float.IsPositiveInfinity(_max);
        var patience = check.Stuck ?? options.Stuck;
        _patience = patience == Timeout.InfiniteTimeSpan ? long.MaxValue : EventClock.Nanoseconds(patience);
        _within = check.StuckWithin ?? options.StuckWithin;
        _gap = options.Gap is { } gap ? EventClock.Nanoseconds(gap) : long.MaxValue;
        (_nonFinite, _outOfRange, _stuck) = ($"rows-non-finite {channel}", $"rows-range {channel}", $"rows-stuck {channel}");
    }

    internal bool IsStuck { get; private set; }

    internal void State(ref StateStream s)
    {
        s.Value(ref _known);
        s.Value(ref _stands);
        s.Value(ref _since);
        s.Value(ref _last);
        IsStuck = s.Value(IsStuck);
    }

    /// <summary>Records faults of rows that have no earlier fault.</summary>
    internal void Look(Column channel, ReadOnlySpan<long> times, int first, Span<RowFault> faults, OperatorContext context)
    {
        var values = (ReadOnlySpan<float>)channel.Values<float>().Slice(first, faults.Length);
        if (!TensorPrimitives.IsFiniteAll(values)) { Count(_nonFinite, MarkNonFinite(channel, values, first, faults), context); }
        if (_hasRange && !(TensorPrimitives.Min(values) >= _min && TensorPrimitives.Max(values) <= _max))
        {
            Count(_outOfRange, MarkOutOfRange(channel, values, first, faults), context);
        }

        if (_patience < long.MaxValue) { Count(_stuck, MarkStuck(channel, values, times, first, faults), context); }
    }

    private static void Count(string counter, int rows, OperatorContext context)
    {
        if (rows > 0) { context.Record(counter, rows); }
    }

    private static int MarkNonFinite(Column channel, ReadOnlySpan<float> values, int first, Span<RowFault> faults)
    {
        var found = 0;
        for (var row = 0; row < values.Length; row++)
        {
            if (!float.IsFinite(values[row]) && channel.IsValid(first + row)) { found += Mark(ref faults[row], RowFault.NonFinite); }
        }

        return found;
    }

    private int MarkOutOfRange(Column channel, ReadOnlySpan<float> values, int first, Span<RowFault> faults)
    {
        var found = 0;
        for (var row = 0; row < values.Length; row++)
        {
            if ((values[row] < _min || values[row] > _max) && channel.IsValid(first + row))
            {
                found += Mark(ref faults[row], RowFault.Range);
            }
        }

        return found;
    }

    private int MarkStuck(Column channel, ReadOnlySpan<float> values, ReadOnlySpan<long> times, int first, Span<RowFault> faults)
    {
        var found = 0;
        var complete = !channel.Field.Nullable;
        for (var row = 0; row < values.Length; row++)
        {
            var value = values[row];
            if (IsOfTime(faults[row]) || !float.IsFinite(value) || !(complete || channel.IsValid(first + row))) { continue; }
            var time = times[row];
            var stands = _known && Math.Abs(value - _stands) <= _within && time - _last <= _gap;
            if (!stands) { (_known, _stands, _since) = (true, value, time); }
            _last = time;
            IsStuck = stands && time - _since > _patience;
            if (IsStuck) { found += Mark(ref faults[row], RowFault.Stuck); }
        }

        return found;
    }

    private static bool IsOfTime(RowFault fault) => fault is RowFault.BadTime or RowFault.Future or RowFault.Backwards;

    private static int Mark(ref RowFault fault, RowFault found)
    {
        if (fault == RowFault.None || found < fault) { fault = found; }
        return 1;
    }
}
