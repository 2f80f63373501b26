using System.Buffers.Binary;
using StreamLearn.Learning;

namespace StreamLearn.Compression;

/// <summary>Writes a 4-byte row index, then float16 scores, clamped to the range of float16.</summary>
internal static class SoftLabelsCodec
{
    private const int PlaceBytes = 4, ScoreBytes = 2;

    internal static SoftLabels? Fields(ref FrameFields f, SoftLabels? s)
    {
        var (device, round, classes) = (f.Text(s?.Device, SoftLabels.MaxDeviceBytes), f.Long(s?.Round), f.Int(s?.Classes, min: 2));
        var rows = f.Items(s?.Rows, static (ref f, row) => f.Int(row, min: 0), PlaceBytes);
        var count = s?.Logits.Length ?? (int)Math.Min(int.MaxValue, (long)rows.Length * classes);
        var logits = f.Items(s?.Logits, count, Score, ScoreBytes);
        return !f.HasRead() ? s : new() { Device = device, Round = round, Classes = classes, Rows = rows, Logits = logits };
    }

    private static float Score(ref FrameFields f, float score)
    {
        if (!f.IsReading)
        {
            if (f.Space(ScoreBytes) is { IsEmpty: false } to)
            {
                BinaryPrimitives.WriteHalfLittleEndian(to, (Half)Math.Clamp(score, (float)Half.MinValue, (float)Half.MaxValue));
            }

            return score;
        }

        score = f.Read(ScoreBytes) is { IsEmpty: false } bytes ? (float)BinaryPrimitives.ReadHalfLittleEndian(bytes) : 0;
        f.HasRead(float.IsFinite(score));
        return score;
    }
}
