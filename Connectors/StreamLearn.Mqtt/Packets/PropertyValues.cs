using System.Runtime.CompilerServices;

namespace StreamLearn.Mqtt;

/// <summary>The properties of one packet, checked, with the values of those that stand at most once. Source: MQTT 5.0, 2.2.2.</summary>
internal ref struct PropertyValues
{
    private ulong _seen;
    private Slots _values;          // a number, or where a text begins
    private Slots _lengths;

    internal ReadOnlySpan<byte> Bytes { get; private set; }

    internal readonly bool Has(PropertyId id) => (_seen & (1UL << (int)id)) != 0;

    internal readonly uint Number(PropertyId id, uint otherwise = 0) => Has(id) ? _values[(int)id] : otherwise;

    internal readonly ReadOnlySpan<byte> Text(PropertyId id) =>
        Has(id) ? Bytes.Slice((int)_values[(int)id], (int)_lengths[(int)id]) : default;

    /// <summary>Reads the length of the properties and what is behind it; faults stay in the cursor.</summary>
    internal void Read(ref PacketCursor cursor, ulong allowed)
    {
        Bytes = cursor.Take((int)cursor.Variable());
        var inner = new PacketCursor(Bytes);
        while (inner.Left > 0) { ReadOne(ref inner, allowed); }
        if (!inner.End(out var fault))
        {
            cursor.Fail(fault);
            this = default;
        }
    }

    private void ReadOne(ref PacketCursor cursor, ulong allowed)
    {
        var id = cursor.Variable();
        var kind = PropertySets.KindOf(id);
        if (kind == PropertyKind.None) { cursor.Fail(PacketFaults.UnknownProperty); return; }
        var bit = 1UL << (int)id;
        if ((allowed & bit) == 0) { cursor.Fail(PacketFaults.ForeignProperty); return; }
        if ((_seen & bit) != 0 && !MayRepeat((PropertyId)id, allowed)) { cursor.Fail(PacketFaults.RepeatedProperty); return; }
        _seen |= bit;
        var (value, length) = (0u, 0);
        switch (kind)
        {
            case PropertyKind.Flag: value = cursor.Byte(); break;
            case PropertyKind.TwoBytes: value = cursor.TwoBytes(); break;
            case PropertyKind.FourBytes: value = cursor.FourBytes(); break;
            case PropertyKind.Variable: value = cursor.Variable(); break;
            case PropertyKind.Text: length = cursor.Text().Length; break;
            case PropertyKind.Binary: length = cursor.Binary().Length; break;
            default: cursor.Text(); cursor.Text(); break;
        }

        if (kind is PropertyKind.Text or PropertyKind.Binary) { value = (uint)(Bytes.Length - cursor.Left - length); }
        else if (kind != PropertyKind.TextPair) { cursor.FailIf(PacketFaults.OfValue((PropertyId)id, kind, value)); }
        _values[(int)id] = value;
        _lengths[(int)id] = (uint)length;
    }

    /// <summary>A user property may stand any number of times, a subscription identifier in PUBLISH.</summary>
    private static bool MayRepeat(PropertyId id, ulong allowed) =>
        id == PropertyId.UserProperty || (id == PropertyId.SubscriptionIdentifier && allowed == PropertySets.PublishOfServer);

    [InlineArray((int)PropertyId.SharedSubscriptionAvailable + 1)]
    private struct Slots
    {
        private uint _first;
    }
}
