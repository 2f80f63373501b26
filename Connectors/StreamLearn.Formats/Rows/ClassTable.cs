using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace StreamLearn.Formats;

/// <summary>Finds the place of a text among those of the classes.</summary>
internal sealed class ClassTable
{
    private readonly byte[][] _texts;
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _places;
    private int _last;      // rows of a class follow one another

    internal ClassTable(IEnumerable<string> texts)
    {
        _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];
        var places = new Dictionary<byte[], int>(new Bytes());
        for (var i = 0; i < _texts.Length; i++) { places.Add(_texts[i], i); }
        _places = places.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    internal bool TryFind(ReadOnlySpan<byte> text, out int place)
    {
        place = _last;
        if (text.SequenceEqual(_texts[place])) { return true; }
        if (!_places.TryGetValue(text, out place)) { return false; }
        _last = place;
        return true;
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
