namespace StreamLearn.Learning;

/// <summary>Logarithm of the share of each class in a buffer, cached until rows are added.</summary>
internal sealed class ClassOffsets(ReplayBuffer buffer, int classes)
{
    private const float Unseen = -30;

    private readonly float[] _offsets = new float[classes];
    private long _seen;         // rows seen by the buffer when they were computed

    /// <summary>True if all rows have one class: the adjusted loss is then always zero, so a step changes nothing.</summary>
    internal bool AreOfOneClass => buffer.Classes < 2;

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
