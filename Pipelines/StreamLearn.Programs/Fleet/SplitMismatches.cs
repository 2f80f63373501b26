using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Programs;

/// <summary>Reports each device once whose boundary or batch size differs from the aggregator's.</summary>
internal sealed class SplitMismatches(SplitFleetOptions split)
{
    private const int MaxDevices = 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<(string Device, string Key)> _said = [];

    /// <summary>Recognizes messages with another boundary and refuses them as unreadable.</summary>
    internal ICodec<Activations> Codec => new KnowsOtherBoundary(this, split.HasBytes);

    /// <summary>Checks a message's batch size, since devices send whole batches.</summary>
    internal void Look(Activations message)
    {
        var rows = split.Serving.Training.BatchRows;
        if (message.Rows == 0 || message.Rows == rows || message.TopicDevice is not null) { return; }
        Say(message.Device, "batch", FormattableString.Invariant(
            $"sends batches of {message.Rows} windows, but aggregate.split.batch is {rows} here: set the same value in both files"));
    }

    private void SayBoundary(string device) => Say(device, "boundary", $"has exchange.boundary: {Word(!split.HasBytes)}, but "
        + $"aggregate.split.boundary is {Word(split.HasBytes)} here: its messages are refused until both files have the same value");

    private static string Word(bool hasBytes) => hasBytes ? "int8" : "float32";

    private void Say(string device, string key, string text)
    {
        lock (_gate)
        {
            if (_said.Count == MaxDevices || !_said.Add((device, key))) { return; }
        }

        split.OnMismatch(device, text);
    }

    private sealed class KnowsOtherBoundary(SplitMismatches own, bool hasBytes) : ICodec<Activations>
    {
        private readonly ICodec<Activations> _codec = Boundary.Forward(hasBytes);
        private readonly ICodec<Activations> _other = Boundary.Forward(!hasBytes);

        public string Name => _codec.Name;

        public void Encode(Activations value, IBufferWriter<byte> buffer) => _codec.Encode(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Activations value)
        {
            if (_codec.TryDecode(bytes, pool, out value)) { return true; }
            if (_other.TryDecode(bytes, pool, out var other)) { own.SayBoundary(other.Device); }
            return false;
        }
    }
}
