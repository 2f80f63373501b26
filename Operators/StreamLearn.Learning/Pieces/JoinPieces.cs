using System.Buffers;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>JoinPieces</c>.</summary>
public sealed record JoinPiecesOptions
{
    /// <summary>Values of the model, at least 1: an update that says it has more is refused.</summary>
    public required int MaxValues { get; init; }

    /// <summary>Bytes of an update at most, at least 1.</summary>
    public required int MaxUpdateBytes { get; init; }

    /// <summary>Bytes of all updates whose pieces have not all come, at least those of one; default 256 MiB. Beyond it, the pieces of the
    /// device that has been silent for longest are forgotten.</summary>
    public long MaxHeldBytes { get; init; } = 256 << 20;

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"updates of {MaxUpdateBytes} bytes, {MaxHeldBytes} held");
}

public static partial class LearningFlowExtensions
{
    /// <summary>Puts updates together from their pieces.</summary>
    /// <remarks>
    /// Shape: pieces in, in the order of each device; an update out when its last piece has come. Those of a later update of the device, or
    /// of the same one with other bytes, take the place of those that are held. State: pieces of updates that have not all come. Cost: a
    /// copy of the update. Emits: at most one update a piece. Drops: <c>not-its-topic</c>; <c>too-large</c>; <c>old</c>, of an earlier
    /// update than that which is held; <c>gap</c>, where one before it is missing: the device sends the update again; <c>malformed</c>,
    /// where all together are no update of that device; <c>forgotten</c>. Counts: <c>repeated</c> pieces.
    /// </remarks>
    /// <param name="flow">Pieces, as <c>SendInPieces</c> makes them.</param>
    /// <param name="options">Bounds.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is too small.</exception>
    public static Flow<WeightDelta> JoinPieces(this Flow<UpdatePiece> flow, JoinPiecesOptions options)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxValues, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxUpdateBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxHeldBytes, options.MaxUpdateBytes);
        return flow.Via("join-pieces", new JoinPiecesBlock(options),
            static (JoinPiecesBlock block, OperatorContext context, IOutput<WeightDelta> output) =>
                new JoinPieces(block.Options, context, output));
    }
}

internal sealed record JoinPiecesBlock(JoinPiecesOptions Options) : IBlockOptions
{
    /// <inheritdoc />
    public string State => "pieces of updates that have not all come";

    /// <inheritdoc />
    public long MessageBytes => Options.MaxUpdateBytes;

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
        [MessageCodec.Of(UpdatePiece.Codec), MessageCodec.Of(LearningCodecs.Deltas)];

    /// <inheritdoc />
    public override string ToString() => $"{Options}";
}

internal sealed class JoinPieces(JoinPiecesOptions options, OperatorContext context, IOutput<WeightDelta> output)
    : Operator<UpdatePiece>, IStateful
{
    private const int MaxDevices = 1_000_000;

    private readonly ICodec<WeightDelta> _codec = LearningCodecs.DeltasOf(options.MaxValues);
    private readonly List<List<UpdatePiece>> _held = [];        // of a device each, who was heard last at the end
    private long _heldBytes;

    /// <inheritdoc />
    public string StateFormat => "join-pieces/1";

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        s.Items(_held, MaxDevices, static (ref StateStream s, ref List<UpdatePiece> pieces) =>
            s.Items(pieces ??= [], int.MaxValue, static (ref StateStream s, ref UpdatePiece piece) =>
                piece = s.Value(piece, UpdatePiece.Codec)));
        if (s.IsReading) { _heldBytes = _held.Sum(static h => h.Sum(static p => p.SizeBytes)); }
    }

    public override void Process(UpdatePiece input)
    {
        var place = _held.FindIndex(h => h[0].Device == input.Device);
        var pieces = place < 0 ? [] : _held[place];
        var order = place < 0 ? 1 : (input.Epoch, input.Sequence).CompareTo((pieces[0].Epoch, pieces[0].Sequence));
        var isSame = order == 0 && (input.Total, input.Checksum) == (pieces[0].Total, pieces[0].Checksum);
        var have = isSame ? pieces[^1].End : 0;
        var reason = input.TopicDevice is not null ? "not-its-topic"
            : input.Total > options.MaxUpdateBytes ? "too-large"
            : order < 0 ? "old"
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

        if (place >= 0) { _held.RemoveAt(place); }
        if (!isSame) { Forget(pieces); }
        pieces.Add(input);
        _heldBytes += input.SizeBytes;
        if (input.End == input.Total)
        {
            Join(pieces, input);
            Forget(pieces);
            return;
        }

        _held.Add(pieces);
        while (_heldBytes > options.MaxHeldBytes && _held.Count > 1)
        {
            context.Drop(_held[0][^1], "forgotten");
            Forget(_held[0]);
            _held.RemoveAt(0);
        }
    }

    private void Forget(List<UpdatePiece> pieces)
    {
        foreach (var piece in pieces) { _heldBytes -= piece.SizeBytes; }
        pieces.Clear();
    }

    private void Join(List<UpdatePiece> pieces, UpdatePiece last)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(last.Total);
        foreach (var piece in pieces) { piece.Bytes.CopyTo(bytes, piece.Offset); }
        if (_codec.TryDecode(new(bytes, 0, last.Total), context.Pool, out var update)
            && (update.Device, update.Epoch, update.Sequence) == (last.Device, last.Epoch, last.Sequence))
        {
            output.Emit(update);
        }
        else { context.Drop(last, "malformed"); }

        ArrayPool<byte>.Shared.Return(bytes);
    }
}
