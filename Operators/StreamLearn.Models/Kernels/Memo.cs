namespace StreamLearn.Models;

/// <summary>
/// What was worked out for the last few questions: a layer's plan of its memory, for each of the shapes that the same layer stands behind.
/// It takes no part in comparing layers.
/// </summary>
/// <remarks>Two threads may both work it out; either answer is right.</remarks>
internal sealed class Memo<TKey, TValue>(Func<TKey, TValue> answer) : IEquatable<Memo<TKey, TValue>>
    where TKey : struct, IEquatable<TKey>
    where TValue : class
{
    /// <summary>Answers that are kept, the newest.</summary>
    internal const int Most = 16;

    private Entry[] _known = [];        // the newest first; never changed, only replaced

    /// <summary>The answer to a question.</summary>
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
