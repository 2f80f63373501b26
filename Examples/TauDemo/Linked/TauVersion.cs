using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>A version on its way to the nodes of a fleet over a server, and the case whose rows they make its steps on. So a node that has
/// a version has the case, too, whatever else was lost. Immutable.</summary>
/// <param name="Weights">The version.</param>
/// <param name="Case">The case.</param>
internal sealed record TauVersion(Weights Weights, DataCase Case) : ISized, ITagged
{
    /// <summary>Versions on their way: <c>tau-version/1</c>, a byte for the case, and <see cref="LearningCodecs.Weights"/>.</summary>
    internal static ICodec<TauVersion> Codec { get; } = new VersionCodec();

    /// <inheritdoc />
    public long SizeBytes => 1 + Weights.SizeBytes;

    /// <inheritdoc />
    public MessageTags Tags => Weights.Tags;

    private sealed class VersionCodec : ICodec<TauVersion>
    {
        public string Name => "tau-version/1";

        public byte Kind => LearningCodecs.Weights.Kind;

        public bool WaitsForCheckpoint => LearningCodecs.Weights.WaitsForCheckpoint;

        public void Encode(TauVersion value, IBufferWriter<byte> buffer)
        {
            buffer.GetSpan(1)[0] = (byte)value.Case;
            buffer.Advance(1);
            LearningCodecs.Weights.Encode(value.Weights, buffer);
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out TauVersion value)
        {
            value = null;
            if (bytes.IsEmpty) { return false; }
            var dataCase = (DataCase)bytes.FirstSpan[0];
            if (!Enum.IsDefined(dataCase) || !LearningCodecs.Weights.TryDecode(bytes.Slice(1), pool, out var weights)) { return false; }
            value = new(weights, dataCase);
            return true;
        }
    }
}
