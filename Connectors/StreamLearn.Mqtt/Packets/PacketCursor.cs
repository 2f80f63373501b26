using System.Buffers.Binary;

namespace StreamLearn.Mqtt;

/// <summary>Reads the data types of the standard. The first fault is kept and later reads return zero or empty, so callers check once at
/// the end. Source: MQTT 5.0, 1.5.</summary>
internal ref struct PacketCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private MqttFault _fault;

    internal readonly bool IsSound => _fault.Text is null;

    internal readonly int Left => _rest.Length;

    internal void Fail(MqttFault fault)
    {
        if (IsSound) { _fault = fault; }
        _rest = default;
    }

    internal void FailIf(MqttFault? fault)
    {
        if (fault is { } found) { Fail(found); }
    }

    internal byte Byte()
    {
        var taken = Take(1);
        return taken.IsEmpty ? (byte)0 : taken[0];
    }

    internal ushort TwoBytes()
    {
        var taken = Take(2);
        return taken.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(taken);
    }

    internal uint FourBytes()
    {
        var taken = Take(4);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(taken);
    }

    /// <summary>Reads a variable byte integer: at most four bytes, in the shortest form.</summary>
    internal uint Variable()
    {
        var value = 0u;
        for (var i = 0; i < 4; i++)
        {
            if (i >= _rest.Length) { Fail(PacketFaults.Truncated); return 0; }
            var next = _rest[i];
            value |= (uint)(next & 0x7F) << (7 * i);
            if (next >= 0x80) { continue; }
            if (i > 0 && next == 0) { Fail(PacketFaults.LongVariable); return 0; }
            _rest = _rest[(i + 1)..];
            return value;
        }

        Fail(PacketFaults.EndlessVariable);
        return 0;
    }

    internal ushort PacketId()
    {
        var id = TwoBytes();
        if (id == 0) { Fail(PacketFaults.PacketIdZero); }
        return id;
    }

    internal ReadOnlySpan<byte> Binary() => Take(TwoBytes());

    internal ReadOnlySpan<byte> Text()
    {
        var text = Binary();
        if (!PacketText.IsText(text)) { Fail(PacketFaults.IllFormedText); }
        return text;
    }

    internal void Skip(PropertyKind kind)
    {
        switch (kind)
        {
            case PropertyKind.Flag: Take(1); break;
            case PropertyKind.TwoBytes: Take(2); break;
            case PropertyKind.FourBytes: Take(4); break;
            case PropertyKind.Variable: Variable(); break;
            case PropertyKind.TextPair: Binary(); Binary(); break;
            default: Binary(); break;
        }
    }

    internal ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length) { Fail(PacketFaults.Truncated); return default; }
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    internal ReadOnlySpan<byte> TakeRest()
    {
        var taken = _rest;
        _rest = default;
        return taken;
    }

    internal bool End(out MqttFault fault)
    {
        if (!_rest.IsEmpty) { Fail(PacketFaults.Trailing); }
        fault = _fault;
        return IsSound;
    }
}
