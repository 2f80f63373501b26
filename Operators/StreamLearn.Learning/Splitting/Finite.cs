namespace StreamLearn.Learning;

/// <summary>Whether values can be computed with.</summary>
internal static class Finite
{
    internal static bool All(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value)) { return false; }
        }

        return true;
    }
}
