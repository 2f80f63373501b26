using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

internal sealed class SessionTransferCodec : ICodec<SessionTransfer>
{
    public string Name => "session/1";

    public byte Kind => (byte)FrameKind.Session;

    public bool WaitsForCheckpoint => true;

    public void Encode(SessionTransfer value, IBufferWriter<byte> buffer)
    {
        var answer = new ArrayBufferWriter<byte>();
        if (value.Session?.Answer is { } pending) { LearningCodecs.BoundaryGradients.Encode(pending, answer); }
        var bytes = 1 + 4 + FrameWriter.TextBytes(value.Device) + FrameWriter.TextBytes(value.From) + FrameWriter.TextBytes(value.To)
            + (value.Session is { } s ? (6 * 8) + 4 + 1 + FrameWriter.PartBytes(s.Part) + 4 + answer.WrittenCount : 0);
        var frame = new FrameWriter(buffer, bytes, FrameKind.Session, value.Session is null ? FrameFlags.None : FrameFlags.Part);
        frame.Byte((byte)value.Step);
        frame.Int(value.Term);
        frame.Text(value.Device);
        frame.Text(value.From);
        frame.Text(value.To);
        if (value.Session is { } session)
        {
            frame.Long((long)session.SchemaHash);
            frame.Long(session.Epoch);
            frame.Long(session.Sequence);
            frame.Held(session.Base);
            frame.Int(session.Steps);
            frame.Long(session.StepsBefore);
            frame.Byte(session.Waits ? (byte)1 : (byte)0);
            frame.Part(session.Part);
            frame.Int(answer.WrittenCount);
            answer.WrittenSpan.CopyTo(frame.Bytes(answer.WrittenCount));
        }

        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out SessionTransfer value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Session, FrameFlags.Part);
        var (step, term) = (frame.Byte(), frame.Int());
        var (device, from, to) = (frame.Text(DeviceName.MaxBytes), frame.Text(DeviceName.MaxBytes), frame.Text(DeviceName.MaxBytes));
        if (frame.Failed || step > (byte)TransferStep.Refused || term < 0) { return false; }
        var hasSession = (frame.Flags & FrameFlags.Part) != 0;
        if (hasSession != (step == (byte)TransferStep.Session)) { return false; }
        var session = hasSession ? Session(ref frame, pool) : null;
        if (!frame.Ended) { return false; }
        value = new() { Step = (TransferStep)step, Term = term, Device = device, From = from, To = to, Session = session };
        return !hasSession || session is not null;
    }

    private static SessionCheckpoint? Session(ref FrameReader frame, BatchPool pool)
    {
        var (schema, epoch, sequence) = ((ulong)frame.Long(), frame.Long(), frame.Long());
        ModelVersion version = new(frame.Long(), frame.Long());
        var (steps, before, waits) = (frame.Int(), frame.Long(), frame.Byte());
        var part = frame.Part();
        var length = frame.Int();
        var rest = frame.Bytes(length);
        BoundaryGradients? answer = null;
        if (frame.Failed || part is null || steps < 0 || before < 0 || waits > 1) { return null; }
        if (length > 0 && !LearningCodecs.BoundaryGradients.TryDecode(new(rest.ToArray()), pool, out answer)) { return null; }
        return new()
        {
            SchemaHash = schema,
            Epoch = epoch,
            Sequence = sequence,
            Base = version,
            Part = part,
            Steps = steps,
            StepsBefore = before,
            Waits = waits == 1,
            Answer = answer,
        };
    }
}
