namespace StreamLearn.Learning;

/// <summary>Row counts in half-space trees with fixed ranges. Counts of the same trees merge exactly, in any order.</summary>
/// <remarks>The rule and ranges, such as <see cref="FleetMoments.Moments"/>, determine the trees: mean ± 3 deviations per channel. Cost:
/// trees × depth steps per row. Source: that of <see cref="HalfSpaceTrees"/>.</remarks>
public sealed class TreeCounts
{
    private readonly HalfSpaceTrees _rule;
    private readonly HalfSpaces _spaces;
    private readonly int[] _counts;
    private long _count;

    /// <summary>Creates empty counts.</summary>
    /// <param name="rule">Trees, depth and seed; its window is ignored.</param>
    /// <param name="ranges">Statistics whose ranges are halved; equal on all devices that merge.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the ranges have fewer than two rows.</exception>
    public TreeCounts(HalfSpaceTrees rule, RowMoments ranges)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(ranges);
        rule.Check();
        if (ranges.Count < 2 || !ranges.IsSound) { throw new ArgumentException("expected ranges of two rows or more", nameof(ranges)); }
        var (count, channels) = (ranges.Count, ranges.Mean.Length);
        (_rule, Channels, _counts) = (rule, channels, new int[HalfSpaces.PartsOf(rule)]);
        _spaces = new(rule, channels, c => (ranges.Mean[c], ConstantChannels.Scale(ranges.Covariance(c, c), ranges.Mean[c])));
    }

    /// <summary>Values per row.</summary>
    public int Channels { get; }

    /// <summary>Rows counted.</summary>
    public long Count => _count;

    /// <summary>Counts a row.</summary>
    /// <param name="row">Finite values, one per channel.</param>
    public void Add(ReadOnlySpan<float> row)
    {
        _spaces.Mass(row, _counts, _count, _counts);
        _count++;
    }

    /// <summary>Returns how many times sparser the row's region is than an evenly filled range; 0 without rows.</summary>
    /// <param name="row">Finite values, one per channel.</param>
    public double Score(ReadOnlySpan<float> row) =>
        _count == 0 ? 0 : (double)_rule.Trees * _count / (1 + _spaces.Mass(row, _counts, _count, []));

    /// <summary>Adds other counts.</summary>
    /// <param name="other">Counts of the same trees.</param>
    /// <exception cref="ArgumentException">The trees differ, or the sum exceeds 2³¹ rows.</exception>
    public void Merge(TreeCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Channels != other.Channels || !_spaces.IsSame(other._spaces))
        {
            throw new ArgumentException("expected counts of the same trees, with the same rule and ranges", nameof(other));
        }

        if (_count + other._count > int.MaxValue) { throw new ArgumentException("expected fewer rows in total", nameof(other)); }
        for (var i = 0; i < _counts.Length; i++) { _counts[i] += other._counts[i]; }
        _count += other._count;
    }

    /// <summary>Saves or restores the counts, without rule and ranges.</summary>
    /// <exception cref="StateException">The state does not contain counts of these trees.</exception>
    public void State(ref StateStream s)
    {
        s.Value(ref _count);
        s.Values<int>(_counts);
        if (_count is < 0 or > int.MaxValue) { throw new StateException($"expected a count from 0, got {_count}"); }
        for (var i = 0; i < _counts.Length; i++)
        {
            var part = i & ((2 << _rule.Depth) - 1);
            var isRight = part switch
            {
                0 => _counts[i] == 0,
                1 => _counts[i] == _count,
                _ => _counts[i] >= 0 && ((part & 1) == 0 || _counts[i] + (long)_counts[i - 1] == _counts[i - part + (part / 2)]),
            };
            if (!isRight) { throw new StateException("expected a count equal to the sum of its two parts"); }
        }
    }
}
