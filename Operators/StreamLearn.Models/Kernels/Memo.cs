namespace StreamLearn.Models;

/// <summary>Caches the last few results of a function, such as a layer's memory plan per shape. Ignored when layers are compared.</summary>
/// <remarks>Thread-safe: two threads may both compute a result.</remarks>
internal sealed class Memo<TKey, TValue>(Func<TKey, TValue> answer) : IEquatable<Memo<TKey, TValue>>
    where TKey : struct, IEquatable<TKey>
    where TValue : class
{
    internal const int Most = 16;

    private Entry[] _known = [];        // newest first; replaced, never changed

    internal TValue this[TKey key]
    {
        get
        {
            foreach (var entry in _known)
            {
                if (entry.Key.Equals(key)) { return entry.Value; }
            }

            var value = answer(key);
            _known = [new(key, value), .. _known.Take(Most - 1)];
            return value;
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
