using System.Buffers.Binary;

namespace StreamLearn.Programs;

/// <summary>A stored window with its original answer.</summary>
/// <remarks>Little-endian: <c>length u32, CRC-32C u32 of all that follows, number i64, first time i64, last time i64, arrival i64 (ticks,
/// UTC), epoch i64, version i64, rows i32, channels i32, classes i32</c>; then a probability f32 per class, none without an answer; then
/// the values f32 channel by channel.</remarks>
internal readonly ref struct HeldWindow(ReadOnlySpan<byte> record)
{
    internal const int HeaderBytes = 68;

    private readonly ReadOnlySpan<byte> _record = record;

    internal long Number => Long(8);

    internal long First => Long(16);

    internal long Last => Long(24);

    internal long Arrived => Long(32);

    internal ModelVersion Version => new(Long(40), Long(48));

    internal int Rows => Int(56);

    internal int Channels => Int(60);

    internal int Classes => Int(64);

    /// <summary>Size of the record in bytes; 0 for an invalid header.</summary>
    internal int Length =>
        Rows > 0 && Channels > 0 && Classes >= 0 && Int(0) > 0 && BytesOf(Rows, Channels, Classes) == Int(0) ? Int(0) : 0;

    internal bool IsWhole => Length == _record.Length && Crc32C.Of(_record[8..]) == (uint)Int(4);

    internal static long BytesOf(int rows, int channels, int classes) => HeaderBytes + (4L * classes) + (4L * rows * channels);

    internal float? ProbabilityOf(int label) => label < Classes ? Float(HeaderBytes + (4 * label)) : null;

    internal void CopyTo(Span<float> values, int channel)
    {
        var at = HeaderBytes + (4 * Classes) + (4 * Rows * channel);
        for (var row = 0; row < Rows; row++) { values[row] = Float(at + (4 * row)); }
    }

    /// <summary><paramref name="values"/>: channel after channel.</summary>
    internal static void Write(Span<byte> record, long number, (long First, long Last) times, long arrived, ModelVersion version, int rows,
        ReadOnlySpan<float> probabilities, ReadOnlySpan<float> values)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], number);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], times.First);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], times.Last);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], arrived);
        BinaryPrimitives.WriteInt64LittleEndian(record[40..], version.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(record[48..], version.Version);
        BinaryPrimitives.WriteInt32LittleEndian(record[56..], rows);
        BinaryPrimitives.WriteInt32LittleEndian(record[60..], values.Length / rows);
        BinaryPrimitives.WriteInt32LittleEndian(record[64..], probabilities.Length);
        var at = HeaderBytes;
        foreach (var value in probabilities) { Write(record, ref at, value); }
        foreach (var value in values) { Write(record, ref at, value); }
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32C.Of(record[8..]));
    }

    private static void Write(Span<byte> record, ref int at, float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(record[at..], value);
        at += 4;
    }

    private long Long(int at) => BinaryPrimitives.ReadInt64LittleEndian(_record[at..]);

    private int Int(int at) => BinaryPrimitives.ReadInt32LittleEndian(_record[at..]);

    private float Float(int at) => BinaryPrimitives.ReadSingleLittleEndian(_record[at..]);
}
