using System.Buffers.Binary;

namespace StreamLearn.Mqtt;

/// <summary>A message above the limit, which 3.1.1 cannot state. It is skipped, and acknowledged so that it is not sent again.</summary>
internal struct OversizedMessage
{
    private int _left;

    internal readonly bool IsUnderWay => _left > 0;

    internal ushort PacketId { get; private set; }

    internal byte Qos { get; private set; }

    internal bool Duplicate { get; private set; }

    /// <summary>Returns true if the version can state the limit, so exceeding it is a fault.</summary>
    internal static bool IsFault(ReadOnlySpan<byte> bytes, MqttVersion version) =>
        version != MqttVersion.V311 || (PacketType)(bytes[0] >> 4) != PacketType.Publish;

    /// <summary>Requires a fixed header that <see cref="PacketCutter"/> has checked.</summary>
    internal static FrameState Begin(ReadOnlySpan<byte> bytes, out OversizedMessage message, out MqttFault fault)
    {
        (message, fault) = (default, default);
        var (header, length) = (1, 0);
        do { length |= (bytes[header] & 0x7F) << (7 * (header - 1)); }
        while (bytes[header++] >= 0x80);
        if (bytes.Length < header + sizeof(ushort)) { return FrameState.More; }
        var qos = (byte)((bytes[0] >> 1) & 3);
        var id = header + sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(bytes[header..]);
        var head = qos == 0 ? id : id + sizeof(ushort);
        if (head > header + length)
        {
            fault = PacketFaults.Truncated;
            return FrameState.Fault;
        }

        if (bytes.Length < head) { return FrameState.More; }
        message = new()
        {
            _left = header + length,
            Qos = qos,
            PacketId = qos == 0 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(bytes[id..]),
            Duplicate = (bytes[0] & 8) != 0,
        };
        if (qos == 0 || message.PacketId != 0) { return FrameState.Whole; }
        fault = PacketFaults.PacketIdZero;
        return FrameState.Fault;
    }

    internal int PassOver(int bytes)
    {
        var passed = Math.Min(bytes, _left);
        _left -= passed;
        return passed;
    }
}
