namespace StreamLearn.Mqtt;

/// <summary>Properties of a packet that have been checked: enumerating them cannot fail. Source: MQTT 5.0, 2.2.2.</summary>
internal readonly ref struct PropertyList(ReadOnlySpan<byte> bytes)
{
    /// <summary>The properties without their length.</summary>
    internal ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>User properties in order, as UTF-8.</summary>
    internal UserPropertyEnumerator GetEnumerator() => new(Bytes);

    internal ref struct UserPropertyEnumerator(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        internal ReadOnlySpan<byte> Name { get; private set; }

        internal ReadOnlySpan<byte> Value { get; private set; }

        internal readonly UserPropertyEnumerator Current => this;

        internal bool MoveNext() => throw new NotImplementedException();
    }
}
