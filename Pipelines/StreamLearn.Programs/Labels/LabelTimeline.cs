namespace StreamLearn.Programs;

/// <summary>Known classes over a device's time: sorted, disjoint spans; later labels win.</summary>
internal sealed class LabelTimeline(int most)
{
    private readonly List<Span> _spans = [];

    internal int Count => _spans.Count;

    internal void State(ref StateStream s, int classes)
    {
        s.Items(_spans, most, static (ref StateStream s, ref Span span) =>
            span = new(s.Value(span.From), s.Value(span.To), s.Value(span.Class)));
        if (s.IsWriting) { return; }
        var end = long.MinValue;
        foreach (var (from, to, label) in _spans)
        {
            if (from < end || to <= from || (uint)label >= (uint)classes)
            {
                throw new StateException("expected spans of classes, in order");
            }

            end = to;
        }
    }

    /// <summary>Adds a span; <paramref name="to"/> is exclusive. Replaces overlaps; merges adjacent spans of one class.</summary>
    internal bool Add(long from, long to, int label, out bool forgot)
    {
        forgot = false;
        var first = FirstEndingAtOrAfter(from);
        if (first < _spans.Count && _spans[first] is var known && known.Class == label && known.From <= from && known.To >= to)
        {
            return false;
        }

        var after = first;
        List<Span> put = [];
        for (; after < _spans.Count && _spans[after].From <= to; after++)
        {
            var other = _spans[after];
            if (other.Class == label) { (from, to) = (Math.Min(from, other.From), Math.Max(to, other.To)); }
            else
            {
                if (other.From < from) { put.Add(other with { To = Math.Min(other.To, from) }); }
                if (other.To > to) { put.Add(other with { From = Math.Max(other.From, to) }); }
            }
        }

        put.Add(new(from, to, label));
        put.Sort(static (a, b) => a.From.CompareTo(b.From));
        _spans.RemoveRange(first, after - first);
        _spans.InsertRange(first, put);
        for (; _spans.Count > most; forgot = true) { _spans.RemoveAt(0); }
        return true;
    }

    /// <summary>Returns the class of all times from <paramref name="first"/> to <paramref name="last"/>; null if there is none, or several.
    /// <paramref name="isMixed"/>: true if all times have a class, but not the same one.</summary>
    internal int? ClassOf(long first, long last, out bool isMixed)
    {
        isMixed = false;
        var at = FirstEndingAtOrAfter(first);
        if (at < _spans.Count && _spans[at].To == first) { at++; }
        if (at == _spans.Count || _spans[at].From > first) { return null; }
        var label = _spans[at].Class;
        if (_spans[at].To > last) { return label; }
        for (var end = _spans[at].To; ++at < _spans.Count && _spans[at].From == end; end = _spans[at].To)
        {
            if (_spans[at].To > last)
            {
                isMixed = true;         // adjacent spans have other classes
                return null;
            }
        }

        return null;
    }

    private int FirstEndingAtOrAfter(long time)
    {
        var (low, high) = (0, _spans.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_spans[middle].To < time) { low = middle + 1; }
            else { high = middle; }
        }

        return low;
    }

    private readonly record struct Span(long From, long To, int Class);
}
