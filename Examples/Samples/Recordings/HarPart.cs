namespace StreamLearn.Samples;

internal readonly record struct HarPart(int Number, int Offset, int Samples)
{
    /// <summary>Rotates consecutive recordings; <paramref name="phase"/>: share of samples moved to the end, from 0 to below 1.</summary>
    internal static ImmutableArray<HarPart> Rotate(ImmutableArray<HarRecording> recordings, double phase)
    {
        var skip = (long)(phase * recordings.Sum(r => (long)r.Samples));
        var cut = 0;
        for (; skip >= recordings[cut].Samples; cut++) { skip -= recordings[cut].Samples; }
        var (whole, left) = (recordings[cut], (int)skip);
        var parts = ImmutableArray.CreateBuilder<HarPart>(recordings.Length + 1);
        parts.Add(new(whole.Number, whole.Offset + left, whole.Samples - left));
        for (var i = cut + 1; i < recordings.Length; i++) { parts.Add(Whole(recordings[i])); }
        for (var i = 0; i < cut; i++) { parts.Add(Whole(recordings[i])); }
        if (left > 0) { parts.Add(new(-whole.Number, whole.Offset, left)); }
        return parts.DrainToImmutable();
    }

    private static HarPart Whole(HarRecording recording) => new(recording.Number, recording.Offset, recording.Samples);
}
