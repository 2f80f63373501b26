namespace StreamLearn.Tables;

/// <summary>Counts a column's values, and looks for a repeated one that may be a code for missing values.
/// <paramref name="first"/>: the first of the same rows; null: none.</summary>
internal sealed class ValueCount(ValueCount? first = null)
{
    private const double MinShare = 0.002;        // minimum share of rows with a code
    private const int MostOfShare = 2000;         // rows, more do not raise it
    private const int MinTimes = 3;
    private const int MinOthers = 10;             // minimum number of other distinct values

    private readonly HashSet<double> _few = [];
    private (double End, double Next, long Times) _low = (double.PositiveInfinity, double.PositiveInfinity, 0);
    private (double End, double Next, long Times) _high = (double.PositiveInfinity, double.PositiveInfinity, 0);     // of negated values
    private long _known;
    private (double Value, long Times, double Reach)? _seen = first?.Code is { } code ? code with { Times = 0 } : null;

    internal long Rows { get; private set; }

    internal double MissingShare => (Rows - _known) / (double)Math.Max(1, Rows);

    internal static ValueCount Of(IEnumerable<double> values)
    {
        var count = new ValueCount();
        foreach (var value in values) { count.Add(value); }
        return count;
    }

    internal void Add(double value)
    {
        Rows++;
        if (double.IsNaN(value)) { return; }
        _known++;
        if (_seen is { } seen)
        {
            _seen = value == seen.Value ? seen with { Times = seen.Times + 1 } : Math.Abs(value - seen.Value) > seen.Reach ? seen : null;
        }

        if (_few.Count <= MinOthers) { _few.Add(value); }
        Add(ref _low, value);
        Add(ref _high, -value);
    }

    /// <summary>A repeated extreme value that is farther from all others than they are from each other, as here or in the first
    /// rows.</summary>
    internal (double Value, long Times, double Reach)? Code => _seen
        ?? (_few.Count <= MinOthers ? null : Far(_low, -_high.End, 1) ?? Far(_high, -_low.End, -1));

    private (double Value, long Times, double Reach)? Far((double End, double Next, long Times) end, double other, int sign) =>
        end.Next - end.End > other - end.Next && end.Times >= Math.Max(MinTimes, MinShare * Math.Min(_known, MostOfShare))
            ? (sign * end.End, end.Times, other - end.Next) : null;

    private static void Add(ref (double End, double Next, long Times) end, double value)
    {
        if (value < end.End) { end = (value, end.End, 1); }
        else if (value == end.End) { end.Times++; }
        else if (value < end.Next) { end.Next = value; }
    }
}
