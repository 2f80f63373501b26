using System.Collections.Immutable;

namespace StreamLearn.Samples;

/// <summary>Consecutive samples of one recording.</summary>
internal readonly record struct HarPart(int Number, int Offset, int Samples)
{
    /// <summary>The samples of recordings that follow one another, beginning in their midst and ending before the sample they begin with.
    /// <paramref name="phase"/>: share of their samples that is left for the end, 0 to less than 1.</summary>
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
