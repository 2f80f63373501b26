namespace StreamLearn.Learning;

/// <summary>The logarithm of each class's share of the rows in a buffer; computed again when it has seen others.</summary>
internal sealed class ClassOffsets(ReplayBuffer buffer, int classes)
{
    private const float Unseen = -30;

    private readonly float[] _offsets = new float[classes];
    private long _seen;         // rows that the buffer had seen when they were computed

    /// <summary>
    /// True if the buffer holds rows of one class only: the loss of a row is then zero whatever the weights, and a step teaches nothing.
    /// </summary>
    internal bool AreOfOneClass => buffer.Classes < 2;

    /// <summary>The offsets of what the buffer holds now, one for each class.</summary>
    internal ReadOnlySpan<float> Now()
    {
        if (_seen == buffer.Seen) { return _offsets; }
        _seen = buffer.Seen;
        for (var c = 0; c < _offsets.Length; c++)
        {
            _offsets[c] = buffer.Held[c] == 0 ? Unseen : (float)Math.Log((double)buffer.Held[c] / buffer.Count);
        }

        return _offsets;
    }
}
