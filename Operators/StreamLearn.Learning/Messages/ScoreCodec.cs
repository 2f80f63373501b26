using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Writes only nonzero cells of both matrices. <paramref name="isExact"/>: true: refuses other numbers of classes.</summary>
internal sealed class ScoreCodec(int classes, bool isExact)
{
    /// <summary>Low enough that sums over many devices do not overflow.</summary>
    private const long MaxRows = 1L << 44;

    private const int CellBytes = sizeof(int) + sizeof(long);

    internal static ICodec<DeviceScore> Of(int classes, bool isExact) =>
        FrameFields.Codec<DeviceScore>("score/1", new ScoreCodec(classes, isExact).Fields, FrameKind.Score);

    internal static int MaxBytesOf(int classes) =>
        (2 * CellBytes * classes * classes) + 128 + DeviceName.MaxBytes + (DeviceScore.MaxHeldUp * (DeviceScore.MaxBlockBytes + 10));

    private DeviceScore? Fields(ref FrameFields f, DeviceScore? s)
    {
        s = s?.OfItsTopic();
        var (device, epoch, version, rows) = (f.Text(s?.Device), f.Long(s?.Epoch), f.Long(s?.ModelVersion), f.Long(s?.Rows));
        var (loss, newestLoss, count) = (f.Double(s?.Loss), f.Double(s?.NewestLoss), f.Int(s?.Classes));
        var isNothing = epoch < 0 && count == 0 && rows == 0;
        if (s is null && !f.HasRead(version >= 0 && rows is >= 0 and <= MaxRows && double.IsFinite(loss) && double.IsFinite(newestLoss)
            && (isNothing || (isExact ? count == classes : (uint)count <= (uint)classes))))
        {
            return null;
        }

        var confusion = s is not null ? Write(ref f, s.Confusion) : Read(ref f, count, count == 0 ? null : rows);
        var newest = s is not null ? Write(ref f, s.Newest) : Read(ref f, count, null);
        var running = f.Time(s?.Running);
        var held = s is { HeldUp.Length: > DeviceScore.MaxHeldUp } ? s.HeldUp[..DeviceScore.MaxHeldUp] : s?.HeldUp;
        held = f.Items(held, f.Byte((byte?)held?.Length, DeviceScore.MaxHeldUp), HoldUp, minBytes: 11);
        return !f.HasRead(confusion is { } all && newest is { } last && !last.Where((n, i) => n > all[i]).Any()) ? s : new()
        {
            Device = device,
            Epoch = epoch,
            ModelVersion = version,
            Rows = rows,
            Loss = loss,
            NewestLoss = newestLoss,
            Confusion = confusion!.Value,
            Newest = newest!.Value,
            Running = running,
            HeldUp = held.Value,
        };
    }

    private static HoldUp HoldUp(ref FrameFields f, HoldUp h) =>
        new(f.Text(f.IsReading ? null : Cut(h.Block), DeviceScore.MaxBlockBytes), f.Time(h.Time));

    private static string Cut(string block)
    {
        while (block.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(block) > DeviceScore.MaxBlockBytes)
        {
            block = block.Length == 0 ? "?" : block[..^1];
        }

        return block;
    }

    private static ImmutableArray<long> Write(ref FrameFields f, ImmutableArray<long> counts)
    {
        f.Int(counts.Count(static c => c != 0));
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) { continue; }
            f.Int(i);
            f.Long(counts[i]);
        }

        return counts;
    }

    /// <summary><paramref name="sum"/>: the required total; null: any.</summary>
    private static ImmutableArray<long>? Read(ref FrameFields f, int classes, long? sum)
    {
        var cells = f.Int(null);
        var counts = new long[classes * classes];
        if (f.Failed || (uint)cells > (uint)counts.Length) { return null; }
        var (last, all) = (-1, 0L);
        for (; cells > 0; cells--)
        {
            var (cell, count) = (f.Int(null), f.Long(null));
            if (f.Failed || cell <= last || cell >= counts.Length || count is <= 0 or > MaxRows) { return null; }
            all += count;
            if (all > MaxRows) { return null; }
            (counts[cell], last) = (count, cell);
        }

        return sum is { } expected && expected != all ? null : ImmutableCollectionsMarshal.AsImmutableArray(counts);
    }
}
