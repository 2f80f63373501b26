using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Only nonzero cells of both matrices are written. <paramref name="isExact"/> true: refuses other class counts.</summary>
internal sealed class ScoreCodec(int classes, bool isExact = false) : ICodec<DeviceScore>
{
    /// <summary>Low enough that sums over many devices cannot overflow.</summary>
    private const long MaxRows = 1L << 44;

    private const int CellBytes = sizeof(int) + sizeof(long);

    public string Name => "score/1";

    public byte Kind => (byte)FrameKind.Score;

    internal static int MaxBytesOf(int classes) =>
        (2 * CellBytes * classes * classes) + 128 + DeviceName.MaxBytes + (DeviceScore.MaxHeldUp * (DeviceScore.MaxBlockBytes + 10));

    public void Encode(DeviceScore value, IBufferWriter<byte> buffer)
    {
        value = value.OfItsTopic();
        var held = value.HeldUp.Take(DeviceScore.MaxHeldUp).Select(static h => h with { Block = Cut(h.Block) }).ToList();
        var bytes = FrameWriter.TextBytes(value.Device) + (6 * sizeof(long)) + sizeof(int) + (2 * sizeof(int))
            + (CellBytes * (Cells(value.Confusion) + Cells(value.Newest))) + 1
            + held.Sum(static h => FrameWriter.TextBytes(h.Block) + sizeof(long));
        var frame = new FrameWriter(buffer, bytes, FrameKind.Score, FrameFlags.None);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.ModelVersion);
        frame.Long(value.Rows);
        frame.Double(value.Loss);
        frame.Double(value.NewestLoss);
        frame.Int(value.Classes);
        Write(ref frame, value.Confusion);
        Write(ref frame, value.Newest);
        frame.Long(value.Running.Ticks);
        frame.Byte((byte)held.Count);
        foreach (var (block, time) in held)
        {
            frame.Text(block);
            frame.Long(time.Ticks);
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out DeviceScore value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Score, FrameFlags.None);
        var device = frame.Text(DeviceName.MaxBytes);
        var (epoch, version, rows) = (frame.Long(), frame.Long(), frame.Long());
        var (loss, newestLoss, count) = (frame.Double(), frame.Double(), frame.Int());
        var isNothing = epoch < 0 && count == 0 && rows == 0;
        if (frame.Failed || version < 0 || rows is < 0 or > MaxRows || !double.IsFinite(loss) || !double.IsFinite(newestLoss)
            || !(isNothing || (isExact ? count == classes : (uint)count <= (uint)classes)))
        {
            return false;
        }

        if (Read(ref frame, count, count == 0 ? null : rows) is not { } confusion
            || Read(ref frame, count, null) is not { } newest || newest.Where((n, i) => n > confusion[i]).Any())
        {
            return false;
        }

        var running = frame.Long();
        var held = new HoldUp[frame.Byte()];
        if (frame.Failed || running < 0 || held.Length > DeviceScore.MaxHeldUp) { return false; }
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = new(frame.Text(DeviceScore.MaxBlockBytes), new(frame.Long()));
            if (frame.Failed || held[i].Time < TimeSpan.Zero) { return false; }
        }

        if (!frame.Ended) { return false; }
        value = new()
        {
            Device = device,
            Epoch = epoch,
            ModelVersion = version,
            Rows = rows,
            Loss = loss,
            NewestLoss = newestLoss,
            Confusion = confusion,
            Newest = newest,
            Running = new(running),
            HeldUp = ImmutableCollectionsMarshal.AsImmutableArray(held),
        };
        return true;
    }

    private static int Cells(ImmutableArray<long> counts) => counts.Count(static c => c != 0);

    private static string Cut(string block)
    {
        while (block.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(block) > DeviceScore.MaxBlockBytes)
        {
            block = block.Length == 0 ? "?" : block[..^1];
        }

        return block;
    }

    private static void Write(ref FrameWriter frame, ImmutableArray<long> counts)
    {
        frame.Int(Cells(counts));
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) { continue; }
            frame.Int(i);
            frame.Long(counts[i]);
        }
    }

    /// <summary><paramref name="sum"/>: the required total; null: any.</summary>
    private static ImmutableArray<long>? Read(ref FrameReader frame, int classes, long? sum)
    {
        var cells = frame.Int();
        var counts = new long[classes * classes];
        if (frame.Failed || (uint)cells > (uint)counts.Length) { return null; }
        var (last, all) = (-1, 0L);
        for (; cells > 0; cells--)
        {
            var (cell, count) = (frame.Int(), frame.Long());
            if (frame.Failed || cell <= last || cell >= counts.Length || count is <= 0 or > MaxRows) { return null; }
            all += count;
            if (all > MaxRows) { return null; }
            (counts[cell], last) = (count, cell);
        }

        return sum is { } expected && expected != all ? null : ImmutableCollectionsMarshal.AsImmutableArray(counts);
    }
}
