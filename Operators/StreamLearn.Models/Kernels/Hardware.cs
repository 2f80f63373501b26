using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Models;

/// <summary>Processor features that matter for speed.</summary>
public static class Hardware
{
    /// <summary>A one-line warning if this processor runs models many times slower; otherwise null.</summary>
    public static string? Warning =>
        WarningOf(Fma.IsSupported || AdvSimd.IsSupported, Vector256.IsHardwareAccelerated || AdvSimd.IsSupported);

    /// <summary>Returns the warning for a processor, or null. Results are bit-identical on all processors.</summary>
    /// <param name="multiplyAdd">Whether it has fused multiply-add: FMA or NEON.</param>
    /// <param name="vectors">Whether it has AVX2 or NEON vectors.</param>
    public static string? WarningOf(bool multiplyAdd, bool vectors) => (multiplyAdd, vectors) switch
    {
        (true, true) => null,
        (true, false) => "AVX2 is missing in this processor or disabled in the runtime: models run several times slower",
        _ => "FMA is missing in this processor or disabled in the runtime: models run ten to forty times slower",
    };
}
