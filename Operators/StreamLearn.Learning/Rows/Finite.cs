using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

internal static class Finite
{
    internal static bool All(ReadOnlySpan<float> values)
    {
        var i = 0;
        var greatest = Vector512.Create(float.MaxValue);
        for (; i + Vector512<float>.Count <= values.Length; i += Vector512<float>.Count)
        {
            if (!Vector512.LessThanOrEqualAll(Vector512.Abs(Vector512.Create(values[i..])), greatest)) { return false; }
        }

        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) { return false; }
        }

        return true;
    }
}
