using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn.Learning;

public static partial class LearningFlowExtensions
{
    /// <summary>Sends updates in pieces, so that a lost connection costs a piece, not the update.</summary>
    /// <remarks> Shape: an update in, its pieces out in order; a small one is one piece. State: the current update and position. Cost: a
    /// copy of its bytes. Emits: one piece per call; accepts no further update until all are sent. Counts: <c>held</c>, resends suppressed
    /// during or soon after an update, whose answer may be in flight. Shows <c>bytes-left</c>. <c>JoinPieces</c> reassembles them.
    /// </remarks>
    /// <param name="flow">Updates.</param>
    /// <param name="pieceBytes">Bytes of the update per piece, at least 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pieces are too small.</exception>
    public static Flow<UpdatePiece> SendInPieces(this Flow<WeightDelta> flow, int pieceBytes = 64 << 10)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfLessThan(pieceBytes, 1 << 10);
        return flow.Via("send-in-pieces", new SendInPiecesBlock(pieceBytes),
            static (SendInPiecesBlock block, OperatorContext context, IOutput<UpdatePiece> output) =>
                new SendInPieces(block.PieceBytes, context, output));
    }
}

internal sealed record SendInPiecesBlock(int PieceBytes) : IBlockOptions
{
    public string State => "the update under way";

    public long MessageBytes => PieceBytes + 1024;

    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
        [MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(UpdatePiece.Codec)];

    public override string ToString() => FormattableString.Invariant($"{PieceBytes} bytes");
}

internal sealed class SendInPieces(int pieceBytes, OperatorContext context, IOutput<UpdatePiece> output) : Operator<WeightDelta>, IStateful
{
    /// <summary>Minimum wait for an answer; longer if the update took longer to send.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private WeightDelta? _update;           // the update being sent
    private uint _checksum;                 // checksum at the end of its frame
    private int _sent;
    private DateTimeOffset? _startedAt;     // start of the last piece
    private DateTimeOffset? _endedAt;
    private long _epoch;
    private long _sequence;

    public override bool Ready => _update is null;

    public override bool AwaitingReplies => _update is not null;

    public string StateFormat => "send-in-pieces/1";

    public void State(ref StateStream s)
    {
        _update = s.Value(_update is not null) ? s.Value(_update!, LearningCodecs.Deltas) : null;
        s.Value(ref _sent, 0, int.MaxValue);
        s.ClockTime(ref _startedAt);
        s.ClockTime(ref _endedAt);
        s.Value(ref _epoch);
        s.Value(ref _sequence);
        if (!s.IsReading || _update is null) { return; }
        Write(_update);
        if (_sent >= _bytes.WrittenCount) { throw new StateException($"expected a place in {_bytes.WrittenCount} bytes, got {_sent}"); }
        context.WakeAt(context.Now);
    }

    public override void Process(WeightDelta input)
    {
        if (input.IsResent && (input.Epoch, input.Sequence) == (_epoch, _sequence) && context.Now < AnsweredBy)
        {
            context.Record("held");
            return;
        }

        (_update, _sent, _epoch, _sequence, _startedAt, _endedAt) = (input, 0, input.Epoch, input.Sequence, context.Now, null);
        Write(input);
        Next(input);
    }

    public override void WakeUp()
    {
        if (_update is { } update) { Next(update); }
    }

    private DateTimeOffset? AnsweredBy => _endedAt + (_endedAt - _startedAt is { } took && took > Patience ? took : Patience);

    private void Write(WeightDelta update)
    {
        _bytes.ResetWrittenCount();
        LearningCodecs.Deltas.Encode(update, _bytes);
        _checksum = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.WrittenSpan[^sizeof(uint)..]);
    }

    private void Next(WeightDelta update)
    {
        var piece = _bytes.WrittenSpan[_sent..];
        if (piece.Length > pieceBytes) { piece = piece[..pieceBytes]; }
        output.Emit(new()
        {
            Device = update.Device,
            Epoch = update.Epoch,
            Sequence = update.Sequence,
            Offset = _sent,
            Total = _bytes.WrittenCount,
            Checksum = _checksum,
            Bytes = [.. piece],
        });
        _sent += piece.Length;
        context.Gauge("bytes-left", _bytes.WrittenCount - _sent);
        if (_sent < _bytes.WrittenCount) { context.WakeAt(context.Now); }
        else { (_update, _sent, _endedAt) = (null, 0, context.Now); }
    }
}
