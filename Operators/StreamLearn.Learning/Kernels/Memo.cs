namespace StreamLearn.Learning;

/// <summary>What was worked out last, for the same question: a layer's plan of its memory. It takes no part in comparing layers.</summary>
/// <remarks>Two threads may both work it out; either answer is right.</remarks>
internal sealed class Memo<TKey, TValue>(Func<TKey, TValue> answer) : IEquatable<Memo<TKey, TValue>>
    where TKey : struct, IEquatable<TKey>
    where TValue : class
{
    private Entry? _last;

    /// <summary>The answer to a question.</summary>
    internal TValue this[TKey key]
    {
        get
        {
            var last = _last;
            if (last is null || !last.Key.Equals(key)) { _last = last = new(key, answer(key)); }
            return last.Value;
        }
    }

    public bool Equals(Memo<TKey, TValue>? other) => other is not null;

    public override bool Equals(object? obj) => Equals(obj as Memo<TKey, TValue>);

    public override int GetHashCode() => 0;

    private sealed class Entry(TKey key, TValue value)
    {
        internal TKey Key => key;

        internal TValue Value => value;
    }
}
