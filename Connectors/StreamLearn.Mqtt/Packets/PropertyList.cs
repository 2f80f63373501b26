namespace StreamLearn.Mqtt;

/// <summary>Validated properties, so that enumeration cannot fail. Source: MQTT 5.0, 2.2.2.</summary>
internal readonly ref struct PropertyList(ReadOnlySpan<byte> bytes)
{
    internal ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>User properties in order, UTF-8.</summary>
    public UserPropertyEnumerator GetEnumerator() => new(Bytes);

    internal ref struct UserPropertyEnumerator(ReadOnlySpan<byte> bytes)
    {
        private PacketCursor _cursor = new(bytes);

        internal ReadOnlySpan<byte> Name { get; private set; }

        internal ReadOnlySpan<byte> Value { get; private set; }

        public readonly UserPropertyEnumerator Current => this;

        public bool MoveNext()
        {
            while (_cursor.Left > 0)
            {
                var kind = PropertySets.KindOf(_cursor.Byte());
                if (kind != PropertyKind.TextPair) { _cursor.Skip(kind); continue; }
                Name = _cursor.Binary();
                Value = _cursor.Binary();
                return true;
            }

            return false;
        }
    }
}
