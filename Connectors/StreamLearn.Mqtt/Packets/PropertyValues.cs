namespace StreamLearn.Mqtt;

/// <summary>Presence is recorded; values are looked up in the bytes, because packets have few. Source: MQTT 5.0, 2.2.2.</summary>
internal ref struct PropertyValues
{
    private ulong _seen;

    internal ReadOnlySpan<byte> Bytes { get; private set; }

    internal readonly bool Has(PropertyId id) => (_seen & (1UL << (int)id)) != 0;

    internal readonly uint Number(PropertyId id, uint otherwise = 0)
    {
        if (!Has(id)) { return otherwise; }
        var cursor = Find(id);
        return PropertySets.KindOf((uint)id) switch
        {
            PropertyKind.Flag => cursor.Byte(),
            PropertyKind.TwoBytes => cursor.TwoBytes(),
            PropertyKind.FourBytes => cursor.FourBytes(),
            _ => cursor.Variable(),
        };
    }

    internal readonly uint? NumberOrNull(PropertyId id) => Has(id) ? Number(id) : null;

    internal readonly ReadOnlySpan<byte> Text(PropertyId id) => Has(id) ? Find(id).Binary() : default;

    /// <summary>Reads properties; faults stay in the cursor.</summary>
    internal void Read(ref PacketCursor cursor, ulong allowed)
    {
        var length = (int)cursor.Variable();
        if (length == 0) { return; }
        Bytes = cursor.Take(length);
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
        switch (kind)
        {
            case PropertyKind.Flag: Check(ref cursor, id, kind, cursor.Byte()); break;
            case PropertyKind.TwoBytes: Check(ref cursor, id, kind, cursor.TwoBytes()); break;
            case PropertyKind.FourBytes: Check(ref cursor, id, kind, cursor.FourBytes()); break;
            case PropertyKind.Variable: Check(ref cursor, id, kind, cursor.Variable()); break;
            case PropertyKind.Text: cursor.Text(); break;
            case PropertyKind.Binary: cursor.Binary(); break;
            default: cursor.Text(); cursor.Text(); break;
        }
    }

    private static void Check(ref PacketCursor cursor, uint id, PropertyKind kind, uint value) =>
        cursor.FailIf(PacketFaults.OfValue((PropertyId)id, kind, value));

    /// <summary>Returns true for user properties, and for subscription identifiers in PUBLISH.</summary>
    private static bool MayRepeat(PropertyId id, ulong allowed) =>
        id == PropertyId.UserProperty || (id == PropertyId.SubscriptionIdentifier && allowed == PropertySets.PublishOfServer);

    private readonly PacketCursor Find(PropertyId id)
    {
        var cursor = new PacketCursor(Bytes);
        while (cursor.Left > 0 && cursor.Byte() is var found && found != (byte)id) { cursor.Skip(PropertySets.KindOf(found)); }
        return cursor;
    }
}
