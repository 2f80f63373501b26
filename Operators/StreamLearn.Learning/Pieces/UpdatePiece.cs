using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>A part of an update's bytes. Immutable.</summary>
public sealed record UpdatePiece : ISized, ISentOnTopic<UpdatePiece>
{
    /// <summary>The frame codec: <c>update-piece/1</c>.</summary>
    public static ICodec<UpdatePiece> Codec { get; } = new UpdatePieceCodec();

    /// <summary>The device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The topic's device, if it is not <see cref="Device"/>.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Start of the device; rises with each.</summary>
    public required long Epoch { get; init; }

    /// <summary>The update's number.</summary>
    public required long Sequence { get; init; }

    /// <summary>Offset in the update, in bytes.</summary>
    public required int Offset { get; init; }

    /// <summary>Bytes of the whole update.</summary>
    public required int Total { get; init; }

    /// <summary>The update's checksum; a resend may have other bytes.</summary>
    public required uint Checksum { get; init; }

    /// <summary>The bytes, at least one.</summary>
    public required ImmutableArray<byte> Bytes { get; init; }

    /// <summary>Offset after these bytes.</summary>
    public int End => Offset + Bytes.Length;

    /// <inheritdoc />
    public long SizeBytes => 96 + (2L * Device.Length) + Bytes.Length;

    /// <inheritdoc />
    public UpdatePiece SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };
}

internal sealed class UpdatePieceCodec : ICodec<UpdatePiece>
{
    public string Name => "update-piece/1";

    public byte Kind => (byte)FrameKind.Piece;

    public void Encode(UpdatePiece value, IBufferWriter<byte> buffer)
    {
        var frame = new FrameWriter(
            buffer, FrameWriter.TextBytes(value.Device) + 32 + value.Bytes.Length, FrameKind.Piece, FrameFlags.None);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Int(value.Offset);
        frame.Int(value.Total);
        frame.Int((int)value.Checksum);
        frame.Int(value.Bytes.Length);
        value.Bytes.AsSpan().CopyTo(frame.Bytes(value.Bytes.Length));
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out UpdatePiece value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Piece, FrameFlags.None);
        var device = frame.Text(DeviceName.MaxBytes);
        if (frame.Failed) { return false; }
        var (epoch, sequence, offset, total, checksum) = (frame.Long(), frame.Long(), frame.Int(), frame.Int(), (uint)frame.Int());
        var own = frame.Bytes(frame.Int()).ToArray();
        if (!frame.Ended || own.Length == 0 || offset < 0 || total < own.Length || offset > total - own.Length) { return false; }
        value = new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            Offset = offset,
            Total = total,
            Checksum = checksum,
            Bytes = ImmutableCollectionsMarshal.AsImmutableArray(own),
        };
        return true;
    }
}
