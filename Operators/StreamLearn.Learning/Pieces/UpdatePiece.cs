namespace StreamLearn.Learning;

/// <summary>A part of an update's bytes. Immutable.</summary>
public sealed record UpdatePiece : DeviceMessage, ISized, ISentOnTopic<UpdatePiece>
{
    /// <summary>The frame codec: <c>update-piece/1</c>. Pieces wait for a checkpoint, as whole updates do.</summary>
    public static ICodec<UpdatePiece> Codec { get; } = FrameFields.Codec<UpdatePiece>(
        "update-piece/1", Fields, FrameKind.Piece, waitsForCheckpoint: true);

    /// <summary>The topic's device, if it is not <see cref="DeviceMessage.Device"/>.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Offset in the update, in bytes.</summary>
    public required int Offset { get; init; }

    /// <summary>Size of the whole update in bytes.</summary>
    public required int Total { get; init; }

    /// <summary>The checksum of the update, because a resend may have other bytes.</summary>
    public required uint Checksum { get; init; }

    /// <summary>The bytes, at least one.</summary>
    public required ImmutableArray<byte> Bytes { get; init; }

    /// <summary>Offset after these bytes.</summary>
    public int End => Offset + Bytes.Length;

    /// <inheritdoc />
    public long SizeBytes => 96 + (2L * Device.Length) + Bytes.Length;

    /// <inheritdoc />
    public UpdatePiece SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    private static UpdatePiece? Fields(ref FrameFields f, UpdatePiece? p)
    {
        var (device, epoch, sequence) = (f.Text(p?.Device), f.Long(p?.Epoch), f.Long(p?.Sequence));
        var (offset, total, checksum) = (f.Int(p?.Offset, min: 0), f.Int(p?.Total), (uint)f.Int((int?)p?.Checksum));
        var bytes = f.Content(p?.Bytes);
        return !f.HasRead(bytes.Length > 0 && offset <= total - bytes.Length) ? p : new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            Offset = offset,
            Total = total,
            Checksum = checksum,
            Bytes = bytes,
        };
    }
}
