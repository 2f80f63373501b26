using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Learning;

namespace StreamLearn.Compression;

/// <summary>A 4-byte row index, then float16 scores, clamped to the float16 range.</summary>
internal sealed class SoftLabelsCodec : ICodec<SoftLabels>
{
    private const int PlaceBytes = 4, ScoreBytes = 2;

    public string Name => "soft-labels/1";

    public void Encode(SoftLabels value, IBufferWriter<byte> buffer)
    {
        var (rows, scores) = (value.Rows.Length, value.Logits.Length);
        var frame = new FrameWriter(buffer, FrameWriter.TextBytes(value.Device) + 8 + 4 + 4 + (rows * PlaceBytes) + (scores * ScoreBytes));
        frame.Text(value.Device);
        frame.Long(value.Round);
        frame.Int(value.Classes);
        frame.Int(rows);
        foreach (var row in value.Rows) { frame.Int(row); }
        var bytes = frame.Bytes(scores * ScoreBytes);
        for (var i = 0; i < scores; i++)
        {
            var score = (Half)Math.Clamp(value.Logits[i], (float)Half.MinValue, (float)Half.MaxValue);
            BinaryPrimitives.WriteHalfLittleEndian(bytes[(i * ScoreBytes)..], score);
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out SoftLabels value)
    {
        value = null;
        var frame = new FrameReader(bytes);
        var (device, round, classes, count) = (frame.Text(SoftLabels.MaxDeviceBytes), frame.Long(), frame.Int(), frame.Int());
        if (frame.Failed || classes < 2 || count < 0) { return false; }
        var places = frame.Bytes((long)count * PlaceBytes);
        if (frame.Failed || (long)count * classes > bytes.Length) { return false; }
        var scores = frame.Bytes((long)count * classes * ScoreBytes);
        if (!frame.Ended) { return false; }
        var (rows, logits) = (ImmutableArray.CreateBuilder<int>(count), ImmutableArray.CreateBuilder<float>(count * classes));
        for (var i = 0; i < count; i++)
        {
            rows.Add(BinaryPrimitives.ReadInt32LittleEndian(places[(i * PlaceBytes)..]));
            if (rows[i] < 0) { return false; }
        }

        for (var i = 0; i < count * classes; i++)
        {
            logits.Add((float)BinaryPrimitives.ReadHalfLittleEndian(scores[(i * ScoreBytes)..]));
            if (!float.IsFinite(logits[i])) { return false; }
        }

        value = new()
        {
            Device = device,
            Round = round,
            Classes = classes,
            Rows = rows.MoveToImmutable(),
            Logits = logits.MoveToImmutable(),
        };
        return true;
    }
}
