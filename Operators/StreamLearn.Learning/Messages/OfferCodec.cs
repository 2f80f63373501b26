using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>Length of the presence (4 bytes), the frame of the presence, the frame of the version.</summary>
internal sealed class OfferCodec : ICodec<Presence>
{
    private const int LengthBytes = sizeof(int);

    public string Name => "offer/1";

    public byte Kind => FrameKind.Presence;

    public void Encode(Presence value, IBufferWriter<byte> buffer)
    {
        var presence = new ArrayBufferWriter<byte>();
        LearningCodecs.Presences.Encode(value, presence);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(LengthBytes), presence.WrittenCount);
        buffer.Advance(LengthBytes);
        buffer.Write(presence.WrittenSpan);
        LearningCodecs.Weights.Encode(value.Offer ?? throw new ArgumentException("expected an offered version, got none"), buffer);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Presence value)
    {
        value = null;
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryReadLittleEndian(out int length) || length < 0 || length > reader.Remaining) { return false; }
        var frames = reader.UnreadSequence;
        if (!LearningCodecs.Presences.TryDecode(frames.Slice(0, length), pool, out var presence)
            || !LearningCodecs.Weights.TryDecode(frames.Slice(length), pool, out var version)) { return false; }
        value = presence with { Offer = version };
        return true;
    }
}
