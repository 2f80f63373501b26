using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Models;

/// <summary>What the processor, as the runtime uses it, brings along for learning and answering.</summary>
public static class Hardware
{
    /// <summary>One line to print at a start where models run many times slower than they could; null where they do not.</summary>
    public static string? Warning =>
        WarningOf(Fma.IsSupported || AdvSimd.IsSupported, Vector256.IsHardwareAccelerated || AdvSimd.IsSupported);

    /// <summary>The line for a processor; null for one that has all it takes. The results are the same bits on any.</summary>
    /// <param name="multiplyAdd">Whether it multiplies and adds in one instruction: FMA, or NEON.</param>
    /// <param name="vectors">Whether it has vectors of 256 bits: AVX2, or NEON.</param>
    public static string? WarningOf(bool multiplyAdd, bool vectors) => (multiplyAdd, vectors) switch
    {
        (true, true) => null,
        (true, false) => "this processor, or the setting of the runtime, has no AVX2: models run several times slower than with it",
        _ => "this processor, or the setting of the runtime, has no FMA: models run ten to forty times slower than with AVX2 and FMA",
    };
}
