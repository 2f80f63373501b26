using System.Buffers.Binary;

namespace StreamLearn.Mqtt;

/// <summary>Properties of a packet that have been checked: enumerating them cannot fail. Source: MQTT 5.0, 2.2.2.</summary>
internal readonly ref struct PropertyList(ReadOnlySpan<byte> bytes)
{
    /// <summary>The properties without their length.</summary>
    internal ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>User properties in order, as UTF-8.</summary>
    public UserPropertyEnumerator GetEnumerator() => new(Bytes);

    internal ref struct UserPropertyEnumerator(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        internal ReadOnlySpan<byte> Name { get; private set; }

        internal ReadOnlySpan<byte> Value { get; private set; }

        public readonly UserPropertyEnumerator Current => this;

        public bool MoveNext()
        {
            while (!_rest.IsEmpty)
            {
                var id = _rest[0];
                _rest = _rest[1..];
                switch (PropertySets.KindOf(id))
                {
                    case PropertyKind.TextPair:
                        Name = Counted();
                        Value = Counted();
                        return true;
                    case PropertyKind.Text or PropertyKind.Binary: Counted(); break;
                    case PropertyKind.Flag: _rest = _rest[1..]; break;
                    case PropertyKind.TwoBytes: _rest = _rest[2..]; break;
                    case PropertyKind.FourBytes: _rest = _rest[4..]; break;
                    default: _rest = _rest[(_rest.IndexOfAnyInRange((byte)0, (byte)0x7F) + 1)..]; break;
                }
            }

            return false;
        }

        private ReadOnlySpan<byte> Counted()
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(_rest);
            var taken = _rest.Slice(2, length);
            _rest = _rest[(2 + length)..];
            return taken;
        }
    }
}
