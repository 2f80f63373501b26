namespace StreamLearn.Nodes;

/// <summary>Cost: O(capacity × values) per question. Source: Bang (2023), GPTCache.</summary>
internal sealed class ResponseCache(int capacity, double minSimilarity)
{
    private readonly List<(CascadeQuestion Question, CascadeAnswer Answer)> _entries = new(Math.Min(capacity, 1024));

    internal int Count => _entries.Count;

    internal CascadeAnswer? Find(CascadeQuestion question)
    {
        var (found, most) = (-1, minSimilarity);
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            var known = _entries[i].Question;
            if (known.AsksSame(question)) { return Use(i); }
            if (known.Values.Length != question.Values.Length || known.Values.IsEmpty) { continue; }
            var cosine = Cosine(known.Values.AsSpan(), question.Values.AsSpan());
            if (cosine >= most && (found < 0 || cosine > most)) { (found, most) = (i, cosine); }
        }

        return found < 0 ? null : Use(found);
    }

    internal void Add(CascadeQuestion question, CascadeAnswer answer)
    {
        if (capacity == 0) { return; }
        var same = _entries.Count - 1;
        while (same >= 0 && !_entries[same].Question.AsksSame(question)) { same--; }
        if (same >= 0) { _entries.RemoveAt(same); }
        else if (_entries.Count == capacity) { _entries.RemoveAt(0); }
        _entries.Add((question, answer));
    }

    internal void State(ref StateStream s) => s.Items(_entries, capacity,
        static (ref StateStream s, ref (CascadeQuestion Question, CascadeAnswer Answer) one) =>
            one = (s.Value(one.Question, NodesCodecs.CascadeQuestions), s.Value(one.Answer, NodesCodecs.CascadeAnswers)));

    /// <summary>Computed sequentially in float64, which gives the same bits everywhere; NaN for zeros.</summary>
    private static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double ab = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            ab += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }

        return ab / Math.Sqrt(aa * bb);
    }

    private CascadeAnswer Use(int index)
    {
        var entry = _entries[index];
        _entries.RemoveAt(index);
        _entries.Add(entry);
        return entry.Answer;
    }
}
