using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Formats;

internal sealed class ClassTable
{
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _places;
    private readonly Func<string, int>? _placeOf;
    private readonly Dictionary<string, int> _plain = new(StringComparer.Ordinal);      // −1: several classes
    private byte[] _lastText = [];      // rows of a class often follow each other
    private int _last = -1;

    internal ClassTable(ImmutableArray<string> texts, Func<string, int>? placeOf = null)
    {
        _placeOf = placeOf;
        var places = new Dictionary<byte[], int>(new Bytes());
        foreach (var (place, text) in texts.Index())
        {
            places.Add(Encoding.UTF8.GetBytes(text), place);
            var plain = FileColumn.PlainText(text);
            _plain[plain] = _plain.ContainsKey(plain) ? -1 : place;
        }

        _places = places.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    internal bool TryFind(ReadOnlySpan<byte> text, out int place)
    {
        place = _last;
        if (place >= 0 && text.SequenceEqual(_lastText)) { return true; }
        if (!_places.TryGetValue(text, out var known, out place) && !TryOther(text, out known, out place)
            && !TryAdd(text, out known, out place))
        {
            return false;
        }

        (_lastText, _last) = (known, place);
        return true;
    }

    /// <summary>Finds the class of which this is another spelling, such as <c>0.0</c> of <c>0</c>.</summary>
    private bool TryOther(ReadOnlySpan<byte> text, out byte[] known, out int place)
    {
        (known, place) = ([], -1);
        if (!System.Text.Unicode.Utf8.IsValid(text)
            || !_plain.TryGetValue(FileColumn.PlainText(Encoding.UTF8.GetString(text)), out place) || place < 0)
        {
            return false;
        }

        known = text.ToArray();
        return true;
    }

    private bool TryAdd(ReadOnlySpan<byte> text, out byte[] known, out int place)
    {
        (known, place) = ([], _placeOf?.Invoke(Encoding.UTF8.GetString(text)) ?? -1);
        if (place < 0) { return false; }
        known = text.ToArray();
        return _places.TryAdd(known, place);
    }

    private sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
