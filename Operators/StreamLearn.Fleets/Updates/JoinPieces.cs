using System.Buffers;

namespace StreamLearn.Fleets;

public static partial class FleetFlowExtensions
{
    /// <summary>Joins pieces to form updates.</summary>
    /// <remarks>Shape: pieces in, ordered per device; an update out at its last piece. The first piece of another update, or of the same
    /// with other bytes, replaces held pieces. A <see cref="ForgottenDevice"/> on a control input drops a device's pieces. State: one
    /// incomplete update per device. Cost: a copy of the update. Emits: at most one update per piece. Drops: <c>not-its-topic</c>;
    /// <c>implausible-epoch</c>, over a day ahead; <c>identity</c>, invalid number; <c>too-large</c>; <c>too-small</c>, under 1,024 bytes
    /// before the last; <c>gap</c>, a missing piece: the device resends the update; <c>malformed</c>, not an update of that device;
    /// <c>forgotten</c>, out of memory; <c>expired</c>, after <paramref name="maxPause"/>. Counts: <c>repeated</c> pieces.</remarks>
    /// <param name="flow">Pieces from <c>SendInPieces</c>.</param>
    /// <param name="plan">Plan of the model: larger updates are refused, and another model's update is reduced to its identity, so that it
    /// is refused by name.</param>
    /// <param name="maxUpdateBytes">Maximum bytes of an update, at least 1.</param>
    /// <param name="maxHeldBytes">Maximum memory for incomplete updates, at least one; default 256 MiB. Beyond, the longest silent device's
    /// pieces are dropped.</param>
    /// <param name="maxPause">Pause after which an incomplete update is dropped, above 0; null: an hour.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is too small.</exception>
    public static Flow<WeightDelta> JoinPieces(this Flow<UpdatePiece> flow, ModelPlan plan, int maxUpdateBytes,
        long maxHeldBytes = 256 << 20, TimeSpan? maxPause = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxUpdateBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxHeldBytes, maxUpdateBytes);
        var pause = maxPause ?? TimeSpan.FromHours(1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(pause, TimeSpan.Zero, nameof(maxPause));
        return flow.Via("join-pieces", new JoinPiecesBlock(plan, maxUpdateBytes, maxHeldBytes, pause),
            static (JoinPiecesBlock block, OperatorContext context, IOutput<WeightDelta> output) => new JoinPieces(block, context, output));
    }
}

internal sealed record JoinPiecesBlock(ModelPlan Plan, int MaxUpdateBytes, long MaxHeldBytes, TimeSpan MaxPause) : IBlockOptions
{
    public string State => "pieces of incomplete updates";

    public long MessageBytes => MaxUpdateBytes;

    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
        [MessageCodec.Of(UpdatePiece.Codec), MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(ForgottenDevice.Codec)];

    public override string ToString() => FormattableString.Invariant($"updates of {MaxUpdateBytes} bytes, {MaxHeldBytes} held");
}

internal sealed class JoinPieces(JoinPiecesBlock block, OperatorContext context, IOutput<WeightDelta> output)
    : Operator<UpdatePiece>, IStateful, IControlledBy<ForgottenDevice>
{
    /// <summary>Minimum size of a piece in bytes, except the last, because each piece costs a call and a checkpoint.</summary>
    private const int MinPieceBytes = 1 << 10;

    private readonly ICodec<WeightDelta> _codec = LearningCodecs.DeltasOf(block.Plan);
    private readonly LinkedList<PartialUpdate> _held = [];      // one per device; the one that was silent longest is first
    private readonly Dictionary<string, LinkedListNode<PartialUpdate>> _byDevice = new(StringComparer.Ordinal);
    private long _heldBytes;

    public string StateFormat => "join-pieces/2";

    public void State(ref StateStream s)
    {
        var left = s.Value(_held.Count, 0, int.MaxValue);
        if (s.IsWriting)
        {
            foreach (var update in _held) { update.State(ref s, block.MaxUpdateBytes); }
            return;
        }

        for (; left > 0; left--)
        {
            PartialUpdate update = new();
            update.State(ref s, block.MaxUpdateBytes);
            if (_byDevice.ContainsKey(update.Device)) { throw new StateException($"expected a device once, got '{update.Device}' twice"); }

            Hold(update);
        }
    }

    public override void Process(UpdatePiece input)
    {
        var held = _byDevice.GetValueOrDefault(input.Device)?.Value;
        var isSame = held?.IsOf(input) ?? false;
        var have = isSame ? held!.Bytes.WrittenCount : 0;
        var isLast = input.End == input.Total;
        var reason = input.TopicDevice is not null ? UpdateRefusal.NotItsTopic.Text()
            : !Plausible.IsStart(input.Epoch, context.Now) ? UpdateRefusal.ImplausibleEpoch.Text()
            : input.Sequence is <= 0 or > Plausible.MaxNumber ? UpdateRefusal.Identity.Text()
            : input.Total > block.MaxUpdateBytes ? "too-large"
            : !isLast && input.Bytes.Length < MinPieceBytes ? "too-small"
            : input.Offset > have ? "gap" : null;
        if (reason is not null)
        {
            context.Drop(input, reason);
            return;
        }

        if (input.Offset < have)
        {
            context.Record("repeated");
            return;
        }

        Forget(input.Device);
        if (isLast && have == 0)
        {
            Join(input, input.Bytes.AsMemory());
            return;
        }

        var update = isSame ? held! : new();
        update.Add(input, context.Now);
        if (isLast)
        {
            Join(input, update.Bytes.WrittenMemory);
            return;
        }

        Hold(update);
        while (_heldBytes > block.MaxHeldBytes && _held.Count > 1) { Forget(_held.First!.Value, "forgotten"); }
    }

    public void Control(ForgottenDevice message) => Forget(message.Device);

    public override void WakeUp()
    {
        while (_held.First is { Value: var oldest })
        {
            if (oldest.At + block.MaxPause > context.Now)
            {
                context.WakeAt(oldest.At + block.MaxPause);
                return;
            }

            Forget(oldest, "expired");
        }
    }

    private void Hold(PartialUpdate update)
    {
        _byDevice[update.Device] = _held.AddLast(update);
        _heldBytes += update.SizeBytes;
        context.WakeAt(_held.First!.Value.At + block.MaxPause);
    }

    private void Forget(PartialUpdate update, string reason)
    {
        context.Drop(update, reason);
        Forget(update.Device);
    }

    private void Forget(string device)
    {
        if (!_byDevice.Remove(device, out var node)) { return; }
        _heldBytes -= node.Value.SizeBytes;
        _held.Remove(node);
    }

    private void Join(UpdatePiece last, ReadOnlyMemory<byte> bytes)
    {
        if (_codec.TryDecode(new(bytes), context.Pool, out var update)
            && (update.Device, update.Epoch, update.Sequence) == (last.Device, last.Epoch, last.Sequence))
        {
            output.Emit(update);
        }
        else { context.Drop(last, "malformed"); }
    }

    private sealed class PartialUpdate
    {
        private const long OwnBytes = 384;      // including its list nodes

        private string _device = "";
        private long _epoch;
        private long _sequence;
        private int _total;
        private int _checksum;
        private DateTimeOffset _at;

        internal string Device => _device;

        internal ArrayBufferWriter<byte> Bytes { get; } = new();

        internal DateTimeOffset At => _at;

        internal long SizeBytes => OwnBytes + (2L * _device.Length) + Bytes.Capacity;

        internal bool IsOf(UpdatePiece piece) =>
            (_epoch, _sequence, _total, _checksum) == (piece.Epoch, piece.Sequence, piece.Total, (int)piece.Checksum);

        internal void Add(UpdatePiece piece, DateTimeOffset now)
        {
            (_device, _epoch, _sequence) = (piece.Device, piece.Epoch, piece.Sequence);
            (_total, _checksum, _at) = (piece.Total, (int)piece.Checksum, now);
            Bytes.Write(piece.Bytes.AsSpan());
        }

        internal void State(ref StateStream s, int maxBytes)
        {
            s.Value(ref _device);
            s.Value(ref _epoch);
            s.Value(ref _sequence);
            s.Value(ref _total, 0, maxBytes);
            s.Value(ref _checksum);
            s.ClockTime(ref _at);
            var bytes = s.Array(Bytes.WrittenSpan, _total);
            if (s.IsReading) { Bytes.Write(bytes); }
        }
    }
}
