using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>Updates as frames: device, identity, base version, schema hash, counts, loss, values, moments, round time, steps taken back.</summary>
internal sealed class DeltaCodec : ICodec<WeightDelta>
{
    private const FrameFlags Optional = FrameFlags.Moments | FrameFlags.Leaving | FrameFlags.RoundTime | FrameFlags.RolledBack;
    private const int FixedBytes = (4 * 8) + (3 * 4) + 4;

    /// <inheritdoc />
    public string Name => "delta/1";

    /// <inheritdoc />
    public void Encode(WeightDelta value, IBufferWriter<byte> buffer)
    {
        var bytes = FixedBytes + FrameWriter.TextBytes(value.Device) + (4 * value.Values.Length)
            + FrameWriter.MomentsBytes(value.Moments) + (value.RoundTime == default ? 0 : 8) + (value.RolledBack == 0 ? 0 : 4);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Delta, FlagsOf(value));
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Long(value.BaseVersion);
        frame.Long((long)value.SchemaHash);
        frame.Int(value.Samples);
        frame.Int(value.Steps);
        frame.Single(value.Loss);
        frame.Values(value.Values.AsSpan());
        frame.Moments(value.Moments);
        if (value.RoundTime != default) { frame.Long(value.RoundTime.Ticks); }
        if (value.RolledBack != 0) { frame.Int(value.RolledBack); }
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out WeightDelta value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Delta, Optional);
        var device = frame.Text(WeightDelta.MaxDeviceBytes);
        if (frame.Failed) { return false; }
        value = new()
        {
            Device = device,
            Epoch = frame.Long(),
            Sequence = frame.Long(),
            BaseVersion = frame.Long(),
            SchemaHash = (ulong)frame.Long(),
            Samples = frame.Int(),
            Steps = frame.Int(),
            Loss = frame.Single(),
            Values = frame.Values(),
            Moments = frame.Moments(),
            Leaving = (frame.Flags & FrameFlags.Leaving) != 0,
            RoundTime = (frame.Flags & FrameFlags.RoundTime) == 0 ? default : TimeSpan.FromTicks(frame.Long()),
            RolledBack = (frame.Flags & FrameFlags.RolledBack) == 0 ? 0 : frame.Int(),
        };
        return frame.Ended && value.Samples >= 0 && value.Steps >= 0 && value.RoundTime >= TimeSpan.Zero
            && value.RolledBack >= 0 && value.RolledBack <= value.Steps;
    }

    private static FrameFlags FlagsOf(WeightDelta value) =>
        (value.Moments is null ? FrameFlags.None : FrameFlags.Moments)
        | (value.Leaving ? FrameFlags.Leaving : FrameFlags.None)
        | (value.RoundTime == default ? FrameFlags.None : FrameFlags.RoundTime)
        | (value.RolledBack == 0 ? FrameFlags.None : FrameFlags.RolledBack);
}
