using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Learning;

namespace StreamLearn.Simulated;

internal sealed class CountedDeltas(FleetWatch watch) : ICodec<WeightDelta>
{
    public string Name => LearningCodecs.Deltas.Name;

    public byte Kind => LearningCodecs.Deltas.Kind;

    public bool WaitsForCheckpoint => LearningCodecs.Deltas.WaitsForCheckpoint;

    public void Encode(WeightDelta value, IBufferWriter<byte> buffer)
    {
        LearningCodecs.Deltas.Encode(value, buffer);
        watch.Sent(value);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out WeightDelta value) =>
        LearningCodecs.Deltas.TryDecode(bytes, pool, out value);
}

/// <summary>Counts resent messages once.</summary>
internal sealed class SentMessages(long updates = 0, long empty = 0)
{
    private long _updates = updates;
    private long _empty = empty;

    internal long Updates => Interlocked.Read(ref _updates);

    /// <summary>Announcements and leave messages without a step.</summary>
    internal long Empty => Interlocked.Read(ref _empty);

    internal void Add(bool isUpdate) => Interlocked.Increment(ref isUpdate ? ref _updates : ref _empty);
}
