using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>Model versions as frames: version, schema hash, values, moments, invitations, directives.</summary>
internal sealed class WeightsCodec : ICodec<Weights>
{
    /// <inheritdoc />
    public string Name => "weights/1";

    /// <inheritdoc />
    public void Encode(Weights value, IBufferWriter<byte> buffer)
    {
        var bytes = 20 + (4 * value.Values.Length) + FrameWriter.MomentsBytes(value.Scale) + FrameWriter.InvitedBytes(value.Invited)
            + FrameWriter.DirectivesBytes(value.Directives);
        var frame = new FrameWriter(buffer, bytes, EnvelopeKind.Weights, FlagsOf(value));
        frame.Long(value.Version);
        frame.Long((long)value.SchemaHash);
        frame.Values(value.Values.AsSpan());
        frame.Moments(value.Scale);
        frame.Invited(value.Invited);
        frame.Directives(value.Directives);
        frame.End();
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Weights value)
    {
        var frame = new FrameReader(bytes, EnvelopeKind.Weights, FrameFlags.Moments | FrameFlags.Invited | FrameFlags.Directives);
        value = new()
        {
            Version = frame.Long(),
            SchemaHash = (ulong)frame.Long(),
            Values = frame.Values(),
            Scale = frame.Moments(),
            Invited = frame.Invited(),
            Directives = frame.Directives(),
        };
        return frame.Ended && value.Version >= 0;
    }

    private static FrameFlags FlagsOf(Weights value) =>
        (value.Scale is null ? FrameFlags.None : FrameFlags.Moments)
        | (value.Invited is null ? FrameFlags.None : FrameFlags.Invited)
        | (value.Directives.IsEmpty ? FrameFlags.None : FrameFlags.Directives);
}
