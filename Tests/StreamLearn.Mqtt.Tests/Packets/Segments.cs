namespace StreamLearn.Mqtt.Tests;

/// <summary>Sequences of several pieces.</summary>
internal static class Segments
{
    internal static ReadOnlySequence<byte> Of(params byte[][] parts)
    {
        if (parts.Length == 0) { return default; }
        var first = new Segment(parts[0], null);
        var last = first;
        foreach (var part in parts.Skip(1)) { last = new(part, last); }
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        internal Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            if (before is null) { return; }
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
