using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Who can compute now, and how many lines each is dealt.</summary>
internal sealed class PartWorkers(InferPartsOptions options, OperatorContext context)
{
    private readonly DateTimeOffset[] _out = new DateTimeOffset[options.Workers.Length];       // until when each gets nothing
    private readonly double[] _rates = new double[options.Workers.Length + 1];

    internal void State(ref StateStream s)
    {
        foreach (ref var until in _out.AsSpan()) { until = s.ClockTime(until == default ? null : until) ?? default; }
    }

    /// <summary>The place of a worker; below 0: there is none of that name.</summary>
    internal int IndexOf(string name)
    {
        for (var i = 0; i < options.Workers.Length; i++)
        {
            if (options.Workers[i].Name == name) { return i; }
        }

        return -1;
    }

    internal bool IsOut(int worker) => _out[worker] > context.Now;

    /// <summary>Gives a worker nothing for some time.</summary>
    internal void TakeOut(int worker) => _out[worker] = context.Now + options.RetryAfter;

    /// <summary>Gives a worker nothing until it says that it is there.</summary>
    internal void Leave(int worker) => _out[worker] = DateTimeOffset.MaxValue;

    internal void TakeIn(int worker) => _out[worker] = default;

    /// <summary>Deals lines to those who are there, in proportion to their rates: first the workers, in order, then this node. It gets all
    /// of them where nobody is there.</summary>
    internal ImmutableArray<int> Deal(int lines)
    {
        var any = options.OwnRate > 0;
        for (var i = 0; i < _out.Length; i++)
        {
            _rates[i] = IsOut(i) ? 0 : options.Workers[i].Rate;
            any |= _rates[i] > 0;
        }

        _rates[^1] = any ? options.OwnRate : 1;
        return RowPartition.Deal(lines, _rates);
    }
}
